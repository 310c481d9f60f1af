import GRIP

/// A place in a JSON document (RFC 6901).
struct JSONPointer: Sendable, Hashable {
    /// The names and indices from the root to the place; none is the root itself.
    let tokens: [String]

    init(_ text: String) throws(JSONPatchError.Reason) {
        guard !text.isEmpty else {
            self.tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { throw .badPointer }
        var tokens: [String] = []
        for token in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            tokens.append(try Self.unescape(token))
        }
        self.tokens = tokens
    }

    /// Whether another place is this one or inside the value at it.
    func contains(_ other: JSONPointer) -> Bool {
        self.tokens.count <= other.tokens.count && zip(self.tokens, other.tokens).allSatisfy { $0.hasSameBytes(as: $1) }
    }

    private static func unescape(_ token: Substring.UTF8View) throws(JSONPatchError.Reason) -> String {
        guard token.contains(UInt8(ascii: "~")) else { return String(Substring(token)) }
        var bytes: [UInt8] = []
        var rest = token[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "~") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
            default: throw .badPointer
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads a token as the index of an array with so many elements; `-` is the place after the last one.
    static func index(_ token: String, count: Int) throws(JSONPatchError.Reason) -> Int {
        let bytes = token.utf8
        if bytes.elementsEqual(CollectionOfOne(UInt8(ascii: "-"))) { return count }
        guard let first = bytes.first, bytes.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            first != UInt8(ascii: "0") || bytes.count == 1
        else { throw .badIndex }
        // An index that no integer holds is beyond any array.
        guard let index = Int(token), index <= count else { throw .pathNotFound }
        return index
    }
}
