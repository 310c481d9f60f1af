import Foundation
import TestSupport

/// Gives a closure a folder with files and removes it afterwards.
func withFiles<Result>(_ files: [String: String], _ body: (String) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for (name, text) in files {
        try text.write(to: folder.url.appendingPathComponent(name), atomically: false, encoding: .utf8)
    }
    return try body(folder.url.path)
}
