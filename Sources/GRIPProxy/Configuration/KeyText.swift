package import GRIP
package import GRIPPublisher

/// Keys as a configuration writes them: the key itself, or `file:` and the path of a file that holds it.
package enum KeyText {
    /// Reads a key.
    ///
    /// - Parameters:
    ///   - text: A key in one of the forms of `GRIPKey`, or `file:` and a path.
    ///   - folder: What the path is relative to, or nothing for the working directory.
    /// - Throws: `InvalidValue`, which never holds the key.
    /// - Returns: The key.
    package static func key(_ text: String, folder: String?) throws(InvalidValue) -> GRIPKey {
        guard let path = SecretText.path(in: text) else { return try Self.key(text) }
        return try Self.key(file: path, folder: folder)
    }

    /// Reads the key in a file: a PEM block, a JSON Web Key, `base64:` and a secret, or a secret as hexadecimal digits.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - folder: What the path is relative to, or nothing for the working directory.
    /// - Throws: `InvalidValue`, which never holds the key.
    /// - Returns: The key.
    package static func key(file path: String, folder: String?) throws(InvalidValue) -> GRIPKey {
        let text = try SecretText.content(of: path, folder: folder)
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

    private static func key(_ text: String) throws(InvalidValue) -> GRIPKey {
        do throws(GRIPError) {
            return try GRIPKey(text)
        } catch {
            throw InvalidValue("is not a key: \(error.reason)")
        }
    }

    private static func hexadecimal(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap(\.hexDigitValue)
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
