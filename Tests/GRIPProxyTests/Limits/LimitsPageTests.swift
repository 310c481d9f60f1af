import Foundation
import Testing

@testable import GRIPProxy

@Suite("The page about limits")
struct LimitsPageTests {
    private static func rows() throws -> [[String]] {
        let package = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let page = package.appendingPathComponent("docs/proxy-limits.md")
        return try String(contentsOf: page, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| `") }.map {
            $0.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .init(charactersIn: " `")) }
        }
    }

    @Test(
        "It has every limit and every time, and those of presence, in the order of the configuration, with its default"
    )
    func settings() throws {
        let prefixes = ["limits.", "timeouts.", "presence."]
        let settings = ProxySetting.all.filter { setting in prefixes.contains { setting.key.hasPrefix($0) } }
        #expect(try Self.rows().map { Array($0[1...2]) } == settings.map { [$0.key, $0.defaultText] })
    }

    @Test("Each has a metric that there is, except those of a shutdown, after which nobody could read it")
    func metrics() throws {
        let samples = ProxyMetric.all.flatMap { metric in
            metric.samples(ProxyMeasurements()).map { sample in
                metric.name + sample.labels.map { "{\($0.name)=\"\($0.value)\"}" }.joined()
            }
        }
        for row in try Self.rows() {
            let isShutdown = row[1] == "timeouts.drainMs" || row[1] == "timeouts.shutdownMs"
            #expect(isShutdown ? row[4].isEmpty : samples.contains(row[4]), "\(row[1])")
        }
    }
}
