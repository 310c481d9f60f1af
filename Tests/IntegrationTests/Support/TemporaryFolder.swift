import Foundation

/// Gives `body` an empty folder and removes it with all it then holds.
func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    // Below /tmp rather than the user's temporary folder, whose name on macOS leaves no room for the names of
    // Unix sockets.
    let folder = URL(fileURLWithPath: "/tmp/swift-grip-\(UUID().uuidString.prefix(8))", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer {
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            print("The temporary folder \(folder.path) is left behind: \(error)")
        }
    }
    return try await body(folder)
}
