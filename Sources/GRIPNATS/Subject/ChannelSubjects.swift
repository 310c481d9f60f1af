import Crypto
package import NIOCore

/// The subjects that stand for the channels of one application.
///
/// A channel's name may hold anything, so it is encoded as one token of a subject: letters, digits, `_` and `-` stay, any
/// other byte becomes `=` and two hexadecimal digits, and the empty name is `=` alone. A token that would get too long is
/// `=h` and a hash instead; the payload holds the name.
package struct ChannelSubjects: Sendable, Hashable {
    /// How many bytes the token of a channel may have before it is a hash.
    package static let maximumTokenByteCount = 1024
    /// How many bytes a prefix may have.
    package static let maximumPrefixByteCount = 256

    private let prefix: String

    /// Makes the subjects below a prefix.
    ///
    /// - Parameter prefix: What distinguishes these channels from those of other applications on the same servers.
    /// - Throws: ``GRIPNATSError`` when the prefix is too long.
    package init(prefix: GRIPNATSSubject) throws(GRIPNATSError) {
        guard prefix.text.utf8.count <= Self.maximumPrefixByteCount else {
            throw GRIPNATSError(
                .subject,
                "a prefix of subjects must not have more than \(Self.maximumPrefixByteCount) bytes"
            )
        }
        self.prefix = prefix.text + "."
    }

    /// The subject of a channel.
    package func subject(of channel: String) -> GRIPNATSSubject {
        GRIPNATSSubject(unchecked: self.prefix + Self.token(of: channel))
    }

    /// The token that stands for a name.
    package static func token(of channel: String) -> String {
        guard !channel.isEmpty else { return "=" }
        var name = channel
        if let token = name.withUTF8(Self.encoded) { return token }
        return "=h"
            + SHA256.hash(data: Array(channel.utf8)).reduce(into: "") { text, byte in
                text.append(Self.hexadecimal(byte, Self.lowercaseDigits))
            }
    }

    /// The encoded name, or `nil` where it is too long.
    private static func encoded(_ name: UnsafeBufferPointer<UInt8>) -> String? {
        guard name.count <= Self.maximumTokenByteCount else { return nil }
        let escapedCount = name.count { !Self.stays($0) }
        if escapedCount == 0 { return String(decoding: name, as: UTF8.self) }
        let byteCount = name.count + 2 * escapedCount
        guard byteCount <= Self.maximumTokenByteCount else { return nil }
        return String(unsafeUninitializedCapacity: byteCount) { token in
            var index = 0
            for byte in name {
                if Self.stays(byte) {
                    token[index] = byte
                    index += 1
                } else {
                    token[index] = UInt8(ascii: "=")
                    token[index + 1] = Self.uppercaseDigits[Int(byte >> 4)]
                    token[index + 2] = Self.uppercaseDigits[Int(byte & 0xF)]
                    index += 3
                }
            }
            return index
        }
    }

    /// The channel that a subject stands for.
    ///
    /// - Returns: The name; `nil` where the subject is not below the prefix, holds a hash, or is none that this writes.
    package func channel(of subject: ByteBuffer) -> String? {
        let bytes = subject.readableBytesView
        guard bytes.starts(with: self.prefix.utf8) else { return nil }
        return Self.channel(ofToken: bytes.dropFirst(self.prefix.utf8.count))
    }

    /// The name that a token stands for, if it is one that this writes and holds no hash.
    package static func channel(ofToken token: some Collection<UInt8>) -> String? {
        if token.count == 1, token.first == UInt8(ascii: "=") { return "" }
        guard !token.isEmpty, token.count <= Self.maximumTokenByteCount else { return nil }
        var name: [UInt8] = []
        name.reserveCapacity(token.count)
        var index = token.startIndex
        while index < token.endIndex {
            let byte = token[index]
            token.formIndex(after: &index)
            if Self.stays(byte) {
                name.append(byte)
                continue
            }
            guard byte == UInt8(ascii: "="), let high = Self.digit(token, &index), let low = Self.digit(token, &index)
            else { return nil }
            // One name has one token, so a byte that need not be escaped must not be.
            let value = high << 4 | low
            guard !Self.stays(value) else { return nil }
            name.append(value)
        }
        return String(validating: name, as: UTF8.self)
    }

    private static func digit<Token: Collection<UInt8>>(_ token: Token, _ index: inout Token.Index) -> UInt8? {
        guard index < token.endIndex, let value = Self.uppercaseDigits.firstIndex(of: token[index]) else { return nil }
        token.formIndex(after: &index)
        return UInt8(value)
    }

    private static func stays(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static let uppercaseDigits = Array("0123456789ABCDEF".utf8)
    private static let lowercaseDigits = Array("0123456789abcdef".utf8)

    private static func hexadecimal(_ byte: UInt8, _ digits: [UInt8]) -> String {
        String(decoding: [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]], as: UTF8.self)
    }
}
