/// The head of a message, and what it says about the body.
struct StrictHTTPHead {
    struct Field {
        /// In lower case.
        var name: String
        var value: String
    }

    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
        case untilClose
    }

    var first: String
    var fields: [Field]

    func values(_ name: String) -> [String] { self.fields.filter { $0.name == name }.map(\.value) }

    // MARK: Requests

    /// The words of a request line.
    func request() throws(StrictHTTPReader.Failure) -> (method: String, target: String) {
        let words = self.first.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2] == "HTTP/1.1", !words[0].isEmpty, !words[1].isEmpty,
            self.first.utf8.allSatisfy({ $0 >= 0x20 })
        else { throw .malformed("the request line '\(self.first)'") }
        guard self.values("host").count == 1 else { throw .malformed("not one Host") }
        return (String(words[0]), String(words[1]))
    }

    func requestFraming() throws(StrictHTTPReader.Failure) -> Framing { try self.framing() ?? .none }

    // MARK: Responses

    /// The number of a status line.
    func status() throws(StrictHTTPReader.Failure) -> Int {
        let text = Array(self.first.utf8)
        guard self.first.hasPrefix("HTTP/1.1 "), text.count >= 13, text[12] == UInt8(ascii: " "),
            let code = Int(String(decoding: text[9..<12], as: UTF8.self)), (100...999).contains(code)
        else { throw .malformed("the status line '\(self.first)'") }
        return code
    }

    func responseFraming(toHead: Bool) throws(StrictHTTPReader.Failure) -> Framing {
        let code = try self.status()
        let framing = try self.framing()
        guard code >= 200, code != 204 else {
            guard framing != .chunked else { throw .malformed("chunks with status \(code)") }
            return .none
        }
        if toHead || code == 304 { return .none }
        if let framing { return framing }
        guard self.values("connection").contains("close") else { throw .malformed("nothing says where the body ends") }
        return .untilClose
    }

    private func framing() throws(StrictHTTPReader.Failure) -> Framing? {
        let codings = self.values("transfer-encoding")
        let lengths = self.values("content-length")
        guard codings.count + lengths.count <= 1 else { throw .malformed("the body ends in two ways") }
        if let coding = codings.first {
            guard coding == "chunked" else { throw .malformed("the coding '\(coding)'") }
            return .chunked
        }
        guard let length = lengths.first else { return nil }
        guard !length.isEmpty, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .malformed("the length '\(length)'")
        }
        // A response to HEAD may tell of more bytes than there are numbers for.
        return .length(Int(length) ?? .max)
    }
}
