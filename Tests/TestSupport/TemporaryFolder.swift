package import Foundation

/// An empty folder of a test.
package struct TemporaryFolder {
    package let url: URL

    package init() throws {
        // Below /tmp rather than the user's temporary folder, whose name on macOS leaves no room for the names of
        // Unix sockets.
        self.url = URL(fileURLWithPath: "/tmp/swift-grip-\(UUID().uuidString.prefix(8))", isDirectory: true)
        try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: false)
    }

    /// Removes the folder with all it holds.
    package func remove() {
        do {
            try FileManager.default.removeItem(at: self.url)
        } catch {
            print("The temporary folder \(self.url.path) is left behind: \(error)")
        }
    }
}

/// Gives `body` an empty folder and removes it with all it then holds.
package func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    return try await body(folder.url)
}
