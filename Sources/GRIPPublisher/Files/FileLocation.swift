/// Paths as text.
package enum FileLocation {
    /// The path that is meant in a file that lies in a folder.
    ///
    /// - Parameters:
    ///   - path: A path, which is left alone when it is absolute or empty.
    ///   - folder: What it is relative to, or nothing for the working directory.
    /// - Returns: The path.
    package static func resolve(_ path: String, in folder: String?) -> String {
        guard let folder, !folder.isEmpty, !path.isEmpty, !path.hasPrefix("/") else { return path }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    /// The folder that a file lies in.
    ///
    /// - Parameter path: The path of the file.
    /// - Returns: The folder, or nothing when it is the working directory.
    package static func folder(of path: String) -> String? {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
