import Foundation
import Testing

/// The Swift samples of the README and the guides, each of which stands in one of the files next to this one.
@Suite struct DocumentationTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    private static var package: URL {
        folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    /// The README, and all pages of the libraries.
    static func pages() throws -> [URL] {
        let sources = Self.package.appending(path: "Sources")
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        let pages = (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "md" }
        return [Self.package.appending(path: "README.md")] + pages
    }

    @Test(arguments: try DocumentationTests.pages())
    func everySampleIsCompiled(page: URL) throws {
        let compiled = try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
            .map { Self.withoutIndentation(try String(contentsOf: $0, encoding: .utf8)) }
            .joined(separator: "\n")
        let samples = Self.samples(in: try String(contentsOf: page, encoding: .utf8))
        for sample in samples where !sample.isEmpty && !Self.isPartOfManifest(sample) {
            #expect(compiled.contains(sample), "\(page.lastPathComponent) has a sample that is nowhere compiled")
        }
    }

    @Test func thereAreSamples() throws {
        let count = try Self.pages().map { Self.samples(in: try String(contentsOf: $0, encoding: .utf8)).count }
        #expect(count.reduce(0, +) > 40)
    }

    private static func samples(in page: String) -> [String] {
        page.components(separatedBy: "```swift\n").dropFirst().compactMap { rest in
            rest.components(separatedBy: "```").first.map { Self.withoutImports(Self.withoutIndentation($0)) }
        }
    }

    private static func withoutIndentation(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .joined(separator: "\n")
            .trimmingCharacters(in: .newlines)
    }

    /// A file has its imports at its beginning, and not where the sample is.
    private static func withoutImports(_ sample: String) -> String {
        sample.split(separator: "\n", omittingEmptySubsequences: false)
            .drop(while: { $0.isEmpty || $0.hasPrefix("import ") })
            .joined(separator: "\n")
    }

    private static func isPartOfManifest(_ sample: String) -> Bool {
        sample.hasPrefix(".package(") || sample.hasPrefix(".product(")
    }
}
