/// The rules for subjects.
///
/// A server checks less of what is published: it delivers `a b` on `a` with `b` for a reply subject, and drops `a..b`
/// without a word.
enum SubjectText {
    static let dot = UInt8(ascii: ".")
    static let any = UInt8(ascii: "*")
    static let rest = UInt8(ascii: ">")

    enum Wildcards { case refused, allowed }

    /// What is wrong with a text, to follow "must not", or `nil` where nothing is wrong.
    static func problem(in text: String, wildcards: Wildcards) -> String? {
        let bytes = text.utf8
        guard !bytes.isEmpty else { return "be empty" }
        guard bytes.count <= GRIPNATSSubject.maximumByteCount else {
            return "have more than \(GRIPNATSSubject.maximumByteCount) bytes"
        }
        var tokenLength = 0
        var wildcard: UInt8?
        var hasEnded = false
        for byte in bytes {
            switch byte {
            case 0...0x20, 0x7F: return "contain spaces or control characters"
            case Self.dot:
                if let problem = Self.problem(ofToken: tokenLength, wildcard) { return problem }
                hasEnded = wildcard == Self.rest
                tokenLength = 0
                wildcard = nil
            default:
                if hasEnded { return "have anything after '>'" }
                if byte == Self.any || byte == Self.rest {
                    guard wildcards == .allowed else { return "contain '*' or '>'" }
                    wildcard = byte
                }
                tokenLength += 1
            }
        }
        if hasEnded { return "have anything after '>'" }
        return Self.problem(ofToken: tokenLength, wildcard)
    }

    private static func problem(ofToken length: Int, _ wildcard: UInt8?) -> String? {
        if length == 0 { return "have an empty token: dots stand between tokens only" }
        return wildcard != nil && length > 1 ? "have '*' or '>' beside other characters in a token" : nil
    }
}
