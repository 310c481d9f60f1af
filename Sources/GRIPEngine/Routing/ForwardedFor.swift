import GRIP
import HTTPTypes

/// What is done to `X-Forwarded-For`.
package struct ForwardedFor: Sendable, Hashable {
    /// How many of the last addresses stay, or nothing for all.
    package var keeping: Int?
    /// Whether the peer's address is added.
    package var appends: Bool

    package init(keeping: Int? = nil, appends: Bool = false) {
        self.keeping = keeping
        self.appends = appends
    }

    /// Reads the form of the configuration: `truncate:` with a number and `append`, separated by commas.
    ///
    /// - Parameter text: The text, which may be empty.
    package init?(_ text: String) {
        self.init()
        for word in text.split(separator: ",") {
            let word = word.trimmingASCIIWhitespace()
            if word.isEmpty { continue }
            if word == "append" {
                self.appends = true
            } else if word.hasPrefix("truncate:"), let count = Int32(word.dropFirst(9)), count >= 0 {
                self.keeping = Int(count)
            } else {
                return nil
            }
        }
    }

    /// The header for the origin, in one line, or nothing when it has none.
    func value(_ fields: HTTPFields, peerAddress: String) -> String? {
        var addresses = fields.listElements(.xForwardedFor)
        if let keeping { addresses = addresses.suffix(keeping) }
        if self.appends { addresses.append(peerAddress) }
        return addresses.isEmpty ? nil : addresses.joined(separator: ", ")
    }
}

extension HTTPFields {
    /// The elements of a header that is a list, without empty ones.
    func listElements(_ name: HTTPField.Name) -> [String] {
        self[values: name].flatMap { $0.split(separator: ",") }.map { String($0.trimmingASCIIWhitespace()) }
            .filter { !$0.isEmpty }
    }
}
