import Foundation
import GRIPProxy
import Testing

/// What is written about the keys is what the keys are.
@Suite("The reference of the configuration")
struct ReferenceTests {
    /// A row of a table.
    struct Row: Equatable {
        var key: String
        var option: String
        var variable: String
        var type: String
        var defaultText: String
    }

    private static func text(_ path: String) throws -> String {
        let package = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        return try String(contentsOf: package.appendingPathComponent(path), encoding: .utf8)
    }

    private static func rows() throws -> [Row] {
        try Self.text("docs/proxy-configuration.md").split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .init(charactersIn: " `")) }
            try #require(cells.count == 8, "\(line)")
            #expect(cells[6].hasSuffix("."), "\(line)")
            return Row(key: cells[1], option: cells[2], variable: cells[3], type: cells[4], defaultText: cells[5])
        }
    }

    @Test("The reference has every key once, in order, with its names, type and default")
    func reference() throws {
        let expected = ProxySetting.all.map { setting in
            Row(
                key: setting.key,
                option: setting.option ?? "",
                variable: setting.variable,
                type: setting.type,
                defaultText: setting.defaultText
            )
        }
        #expect(try Self.rows() == expected)
    }

    @Test("The comment of init(config:) has every key that it reads, with its default")
    func comment() throws {
        let lines = try Self.text("Sources/GRIPProxy/Configuration/GRIPProxyServerConfiguration+ConfigReader.swift")
            .split(separator: "\n").filter { $0.contains("/// - `") }
        // The rest belongs to the process, and not to the proxy in it.
        let settings = ProxySetting.all.filter { setting in
            !["logLevel", "threads", "instances"].contains(setting.key) && !setting.key.hasPrefix("bus")
        }
        try #require(lines.count == settings.count)
        for (line, setting) in zip(lines, settings) {
            #expect(line.contains("- `\(setting.key)` ("))
            let isNumber = Int(setting.defaultText) != nil
            let plain = isNumber ? line.replacingOccurrences(of: ",", with: "") : String(line)
            let isTold =
                plain.contains("default: \(setting.defaultText))") || plain.contains("`\(setting.defaultText)`)")
            #expect(
                setting.defaultText.isEmpty ? line.contains("optional") || line.contains("none") : isTold,
                "\(line)"
            )
        }
    }

    @Test("Whatever Pushpin's keys become is said")
    func pushpin() throws {
        let page = try Self.text("docs/proxy-configuration.md")
        for key in PushpinTranslation.effectiveKeys { #expect(page.contains("`\(key)`"), "\(key)") }
    }
}
