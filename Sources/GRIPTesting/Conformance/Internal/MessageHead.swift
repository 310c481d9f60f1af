import NIOCore

/// The first line and the header lines of a request or response.
struct MessageHead: Sendable, Hashable {
    var startLine: String
    var fields: HeaderList

    /// Takes a head from what arrived, or nothing where its end is missing.
    static func read(from bytes: inout ByteBuffer) -> MessageHead? {
        guard let slice = bytes.readSlice(through: "\r\n\r\n") else { return nil }
        let lines = String(decoding: slice.readableBytesView.dropLast(4), as: UTF8.self).split(
            separator: "\r\n",
            omittingEmptySubsequences: false
        )
        return MessageHead(startLine: String(lines.first ?? ""), fields: HeaderList(parsing: lines.dropFirst()))
    }

    /// The words of the first line, at most three.
    var words: [String] { self.startLine.split(separator: " ", maxSplits: 2).map(String.init) }

    /// How the body is delimited, as far as the header lines tell.
    var framing: BodyFraming? {
        if self.fields.elements("Transfer-Encoding").contains(where: { $0.lowercased() == "chunked" }) {
            return .chunked
        }
        return self.fields["Content-Length"].flatMap(Int.init).map { .length($0) }
    }
}

/// How a body is delimited.
enum BodyFraming: Sendable, Hashable {
    case none
    case length(Int)
    case chunked
    case untilClose
}
