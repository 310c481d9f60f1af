extension UInt8 {
    package static let tab = UInt8(ascii: "\t")
    package static let newline = UInt8(ascii: "\n")
    package static let carriageReturn = UInt8(ascii: "\r")
    package static let space = UInt8(ascii: " ")
    package static let quote = UInt8(ascii: "\"")
    package static let comma = UInt8(ascii: ",")
    package static let semicolon = UInt8(ascii: ";")
    package static let equals = UInt8(ascii: "=")
    package static let backslash = UInt8(ascii: "\\")

    /// The value of a hexadecimal digit, or nothing.
    package var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The same letter in lower case; anything but an ASCII capital is unchanged.
    @inlinable
    package var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}

extension StringProtocol {
    /// The text without the blanks, tabs and line ends around it.
    package func trimmingASCIIWhitespace() -> SubSequence {
        func isBlank(_ byte: UInt8) -> Bool {
            byte == .space || byte == .tab || byte == .newline || byte == .carriageReturn
        }
        let bytes = Substring(self).utf8
        var start = bytes.startIndex
        var end = bytes.endIndex
        while start < end, isBlank(bytes[start]) { bytes.formIndex(after: &start) }
        while start < end {
            let last = bytes.index(before: end)
            guard isBlank(bytes[last]) else { break }
            end = last
        }
        return self[start..<end]
    }

    /// Whether the text begins with another, byte by byte, which is much faster than `hasPrefix`.
    @inlinable
    package func hasBytePrefix(_ prefix: String) -> Bool {
        // Names of all header fields come here, and most of them differ in their first byte.
        self.utf8.first == prefix.utf8.first && self.utf8.starts(with: prefix.utf8) || prefix.isEmpty
    }

    /// Whether two texts are the same but for the case of ASCII letters.
    @inlinable
    package func equalsIgnoringASCIICase(_ other: some StringProtocol) -> Bool {
        self.utf8.elementsEqual(other.utf8, by: { $0.lowercased == $1.lowercased })
    }
}

extension String {
    /// What stands before the parameters of a media type.
    ///
    /// Characters are not looked at: finding them is slow.
    package var mediaTypeWithoutParameters: Substring {
        self[..<(self.utf8.firstIndex(of: .semicolon) ?? self.endIndex)].trimmingASCIIWhitespace()
    }

    /// Whether it is a media type, whatever its parameters and the case of its letters (RFC 9110 section 8.3.1).
    package func isMediaType(_ type: String) -> Bool {
        self.mediaTypeWithoutParameters.equalsIgnoringASCIICase(type)
    }
}
