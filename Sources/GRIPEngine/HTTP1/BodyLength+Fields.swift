import GRIP
import HTTPTypes

extension BodyLength {
    /// What the fields of a message say about the length of its body (RFC 9112 section 6).
    ///
    /// What contradicts itself is refused rather than guessed: the next one to read the message could guess otherwise.
    ///
    /// - Returns: ``none`` when they say nothing.
    init(of fields: HTTPFields) throws(HTTP1Problem) {
        let length = try Self.length(of: fields)
        guard fields.contains(.transferEncoding) else {
            self = length.map { .known($0) } ?? .none
            return
        }
        guard length == nil else { throw .contradictoryLength }
        var isChunked = false
        for element in fields.listElements(.transferEncoding) {
            let name = element.mediaTypeWithoutParameters
            guard HTTPField.Name(String(name)) != nil else { throw .transferEncoding }
            guard name.equalsIgnoringASCIICase("chunked") else { throw .unknownCoding(String(name.prefix(64))) }
            // With a parameter, or twice, it is not known what a sender means by it.
            guard !isChunked, name.utf8.count == element.utf8.count else { throw .transferEncoding }
            isChunked = true
        }
        guard isChunked else { throw .transferEncoding }
        self = .untilEnd
    }

    /// What `Content-Length` says: the same number may be there more than once (RFC 9110 section 8.6).
    static func length(of fields: HTTPFields) throws(HTTP1Problem) -> Int? {
        var length: Int?
        for value in fields[values: .contentLength] {
            for element in value.split(separator: ",", omittingEmptySubsequences: false) {
                let number = try Self.number(element.trimmingASCIIWhitespace())
                guard length == nil || length == number else { throw .contentLength }
                length = number
            }
        }
        return length
    }

    private static func number(_ text: some StringProtocol) throws(HTTP1Problem) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { throw .contentLength }
        guard let number = Int(text) else { throw .lengthTooLarge }
        return number
    }
}

extension HTTPFields {
    /// Writes a length that stands there several times once.
    mutating func joinContentLength(_ length: Int?) {
        guard let length, self[.contentLength]?.utf8.contains(.comma) == true else { return }
        self[.contentLength] = String(length)
    }

    /// Whether a field that is a list has an element, whatever the case of its letters.
    func has(_ element: String, in name: HTTPField.Name) -> Bool {
        self.contains(name)
            && FieldParameters.elements(of: self[values: name]).contains { $0.equalsIgnoringASCIICase(element) }
    }
}
