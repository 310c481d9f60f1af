import GRIP

/// A number by its value: digits and the power of ten they are multiplied by.
///
/// Unlike a floating point number it holds any number that a document can write.
struct JSONNumber: Sendable, Hashable {
    private var isNegative: Bool
    /// Neither the first nor the last is a zero; of zero there are none.
    private var digits: [UInt8]
    private var exponent: Int

    /// Reads a number as JSON writes it.
    ///
    /// - Parameter text: The number.
    /// - Returns: Nothing for a text that is no number, or whose exponent is beyond all reason.
    init?(_ text: String) {
        self.isNegative = text.utf8.first == UInt8(ascii: "-")
        let unsigned = self.isNegative ? text.utf8.dropFirst() : text.utf8[...]
        let end = unsigned.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? unsigned.endIndex
        let parts = unsigned[..<end].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2 else { return nil }
        let fraction = parts.dropFirst().first ?? unsigned[end..<end]
        self.digits = Array(whole) + fraction
        guard !self.digits.isEmpty, self.digits.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
            return nil
        }
        self.exponent = 0
        if end < unsigned.endIndex {
            guard let exponent = Int(Substring(unsigned[end...].dropFirst())), exponent.magnitude < 1 << 40 else {
                return nil
            }
            self.exponent = exponent
        }
        self.exponent -= fraction.count
        self.normalize()
    }

    private mutating func normalize() {
        let zero = UInt8(ascii: "0")
        let zeros = self.digits.reversed().prefix { $0 == zero }.count
        self.digits.removeLast(zeros)
        self.exponent += zeros
        self.digits.removeFirst(self.digits.prefix { $0 == zero }.count)
        guard self.digits.isEmpty else { return }
        self.isNegative = false
        self.exponent = 0
    }
}

extension JSONValue {
    /// Whether two numbers are the same, or nothing when one of the values is no number.
    func isSameNumber(as other: JSONValue) -> Bool? {
        guard let left = self.numberText, let right = other.numberText else { return nil }
        if left == right { return true }
        switch (self, other) {
        case (.integer, .integer): return false
        case (.double, _), (_, .double):
            // What was rounded once is compared as rounded.
            return Double(left) == Double(right)
        default:
            guard let left = JSONNumber(left), let right = JSONNumber(right) else { return false }
            return left == right
        }
    }

    private var numberText: String? {
        switch self {
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .number(let text): text
        case .null, .bool, .string, .array, .object: nil
        }
    }
}
