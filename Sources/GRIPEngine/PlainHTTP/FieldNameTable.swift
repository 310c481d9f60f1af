import HTTPTypes

/// The names of header fields that have been seen, so that each is checked and put in lower case once.
///
/// It has room for so many; a name whose place is taken takes it over. It belongs to one event loop.
package final class FieldNameTable {
    private static let count = 128
    /// Longer names are not kept.
    private static let longestName = 64

    private var names = [HTTPField.Name?](repeating: nil, count: FieldNameTable.count)

    package init() {}

    /// The name that a range of bytes is, as it is written there, or nothing when it cannot be one.
    func name(_ range: Range<Int>, _ bytes: Span<UInt8>) -> HTTPField.Name? {
        guard (1...Self.longestName).contains(range.count) else { return HTTPField.Name(PlainHead.text(range, bytes)) }
        let place = Self.place(range, bytes)
        if let known = self.names[place], Self.isWritten(known, range, bytes) { return known }
        guard let new = HTTPField.Name(PlainHead.text(range, bytes)) else { return nil }
        self.names[place] = new
        return new
    }

    private static func place(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int {
        let ends = Int(bytes[range.lowerBound]) &* 7 &+ Int(bytes[range.upperBound - 1]) &* 31
        let middle = Int(bytes[range.lowerBound + range.count / 2])
        return (ends &+ middle &* 3 &+ range.count &* 17) % Self.count
    }

    private static func isWritten(_ name: HTTPField.Name, _ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        let text = name.rawName.utf8
        guard text.count == range.count else { return false }
        return bytes.extracting(range).withUnsafeBufferPointer { text.elementsEqual($0) }
    }
}
