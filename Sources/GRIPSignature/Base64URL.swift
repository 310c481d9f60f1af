import GRIP

/// Base64 as tokens use it: the URL-safe alphabet without padding (RFC 7515 §2).
enum Base64URL {
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        Base64.encode(bytes).compactMap { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
    }

    /// Decodes only what ``encode(_:)`` makes: one spelling for one value, so that a token has no twin.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let isInAlphabet = text.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isInAlphabet else { return nil }
        return Base64.decode(text)
    }
}
