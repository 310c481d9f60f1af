package import GRIP

/// Secrets as a configuration writes them: the secret itself, or `file:` and the path of a file that holds it.
package enum KeyText {
    private static let prefix = "file:"

    /// Reads a key.
    ///
    /// - Parameters:
    ///   - text: A key in one of the forms of `GRIPKey`, or `file:` and a path.
    ///   - folder: What the path is relative to, or nothing for the working directory.
    /// - Throws: `InvalidValue`, which never holds the key.
    /// - Returns: The key.
    package static func key(_ text: String, folder: String?) throws(InvalidValue) -> GRIPKey {
        guard text.hasBytePrefix(Self.prefix) else { return try Self.key(text) }
        return try Self.key(file: String(text.dropFirst(Self.prefix.count)), folder: folder)
    }

    /// Reads the key in a file: a PEM block, a JSON Web Key, `base64:` and a secret, or a secret as hexadecimal digits.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - folder: What the path is relative to, or nothing for the working directory.
    /// - Throws: `InvalidValue`, which never holds the key.
    /// - Returns: The key.
    package static func key(file path: String, folder: String?) throws(InvalidValue) -> GRIPKey {
        let text = try Self.content(of: path, folder: folder)
        if ["-----BEGIN", "{", "base64:"].contains(where: { text.hasBytePrefix($0) }) { return try Self.key(text) }
        guard let bytes = Self.hexadecimal(text) else {
            throw InvalidValue(
                "names the file '\(path)', which holds neither a PEM block, a JSON Web Key, 'base64:' and a secret, nor "
                    + "a secret as hexadecimal digits"
            )
        }
        do throws(GRIPError) {
            return try GRIPKey(secret: bytes)
        } catch {
            throw InvalidValue("names the file '\(path)', but \(error.reason)")
        }
    }

    /// Reads a bearer token.
    ///
    /// - Parameters:
    ///   - text: The token, or `file:` and a path.
    ///   - folder: What the path is relative to, or nothing for the working directory.
    /// - Throws: `InvalidValue`, which never holds the token.
    /// - Returns: The token.
    package static func token(_ text: String, folder: String?) throws(InvalidValue) -> GRIPSecret {
        guard text.hasBytePrefix(Self.prefix) else { return GRIPSecret(text) }
        return GRIPSecret(try Self.content(of: String(text.dropFirst(Self.prefix.count)), folder: folder))
    }

    private static func key(_ text: String) throws(InvalidValue) -> GRIPKey {
        do throws(GRIPError) {
            return try GRIPKey(text)
        } catch {
            throw InvalidValue("is not a key: \(error.reason)")
        }
    }

    private static func content(of path: String, folder: String?) throws(InvalidValue) -> String {
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

    private static func hexadecimal(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap(\.hexDigitValue)
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
