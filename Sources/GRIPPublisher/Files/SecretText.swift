package import GRIP

/// Secrets as a configuration writes them: the secret itself, or `file:` and the path of a file that holds it.
package enum SecretText {
    private static let prefix = "file:"

    /// The path of the file that holds a secret, or `nil` for a secret that is written itself.
    ///
    /// - Parameter text: A secret, or `file:` and a path.
    /// - Returns: The path.
    package static func path(in text: String) -> String? {
        text.hasBytePrefix(Self.prefix) ? String(text.dropFirst(Self.prefix.count)) : nil
    }

    /// Reads a secret.
    ///
    /// - Parameters:
    ///   - text: The secret, or `file:` and a path.
    ///   - folder: What the path is relative to, or `nil` for the working directory.
    /// - Throws: `InvalidValue`, which never holds the secret.
    /// - Returns: The secret.
    package static func secret(_ text: String, folder: String?) throws(InvalidValue) -> GRIPSecret {
        guard let path = Self.path(in: text) else { return GRIPSecret(text) }
        return GRIPSecret(try Self.content(of: path, folder: folder))
    }

    /// What a file holds, without the white space around it.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - folder: What the path is relative to, or `nil` for the working directory.
    /// - Throws: `InvalidValue` for a file that cannot be read or is empty; its reason follows the name of a setting.
    /// - Returns: The text.
    package static func content(of path: String, folder: String?) throws(InvalidValue) -> String {
        let text: String
        do throws(SmallFile.Failure) {
            text = try SmallFile.text(FileLocation.resolve(path, in: folder))
        } catch {
            throw InvalidValue("names the file \(error)")
        }
        let content = String(text.trimmingASCIIWhitespace())
        guard !content.isEmpty else { throw InvalidValue("names the file '\(path)', which is empty") }
        return content
    }
}
