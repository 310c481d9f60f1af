import Foundation
import TestSupport
import Testing

/// `scripts/install`, with a compiler that only tells how it was called.
@Suite("scripts/install", .timeLimit(.minutes(2))) struct InstallScriptTests {
    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Self.package.appending(path: path), encoding: .utf8)
    }

    @Test("It installs what it has built, with the flags that were measured")
    func install() async throws {
        try await withTemporaryFolder { folder in
            let compiler = folder.appending(path: "swift")
            try """
            #!/bin/sh
            case "$*" in *--show-bin-path*) echo "\(folder.path)/built"; exit;; esac
            echo "swift $*"
            mkdir -p "\(folder.path)/built"
            echo built > "\(folder.path)/built/grip"
            """.write(to: compiler, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: compiler.path)
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            let environment = ["PATH": "\(folder.path):\(path)", "PREFIX": "\(folder.path)/prefix"]
            let script = Self.package.appending(path: "scripts/install").path
            try await withChildProcess("/bin/bash", [script], environment: environment) { process in
                #expect(try await process.waitForExit(within: .seconds(30)) == 0, "\(process.output)")
                let flags = try #require(try Self.text("docs/performance.md").firstMatch(of: #/FLAGS="([^"]*)"/#)?.1)
                #if os(Linux)
                #expect(process.output.contains("swift build \(flags) --product grip\n"))
                #endif
                #expect(process.output.contains("Installed \(folder.path)/prefix/bin/grip"))
            }
            let installed = folder.appending(path: "prefix/bin/grip")
            #expect(try String(contentsOf: installed, encoding: .utf8) == "built\n")
            #expect(FileManager.default.isExecutableFile(atPath: installed.path))
        }
    }

    @Test("The README and the guide build with the same flags")
    func pages() throws {
        let flags = try #require(try Self.text("docs/performance.md").firstMatch(of: #/FLAGS="([^"]*)"/#)?.1)
        let guide = "Sources/HummingbirdGRIP/Documentation.docc/GoingToProduction.md"
        #expect(try Self.text(guide).contains("swift build \(flags)\n"))
        #expect(try Self.text("Benchmarks/README.md").contains("FLAGS=\"\(flags)\""))
        let readme = try Self.text("README.md")
        #expect(readme.contains("scripts/install"))
        #expect(!readme.contains("-c release"))
    }
}
