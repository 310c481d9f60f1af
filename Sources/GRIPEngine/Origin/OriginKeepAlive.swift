import GRIP
package import HTTPTypes

/// What an origin says about how long it keeps a connection (`Keep-Alive`).
package struct OriginKeepAlive: Sendable, Hashable {
    /// How long the origin waits for another request.
    package var timeout: Duration?
    /// How many more requests the origin takes, or, with some origins, how many it takes in all.
    package var maximum: Int?

    package init(timeout: Duration? = nil, maximum: Int? = nil) {
        self.timeout = timeout
        self.maximum = maximum
    }

    /// Reads the fields of a response; what cannot be read counts as absent.
    package init(_ fields: HTTPFields) {
        for field in fields where field.name == .keepAlive {
            for element in field.value.utf8.split(whereSeparator: { $0 == .comma || $0 == .semicolon }) {
                let text = Substring(element).trimmingASCIIWhitespace()
                guard let equals = text.utf8.firstIndex(of: .equals) else { continue }
                let name = text[..<equals].trimmingASCIIWhitespace()
                guard let number = Self.number(text[equals...].dropFirst()) else { continue }
                if name.equalsIgnoringASCIICase("timeout") { self.timeout = .seconds(number) }
                if name.equalsIgnoringASCIICase("max") { self.maximum = number }
            }
        }
    }

    /// A number of at most nine digits, which some write between quotes.
    private static func number(_ text: Substring) -> Int? {
        let digits = text.trimmingASCIIWhitespace().utf8.filter { $0 != .quote }
        guard (1...9).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 & 0x0F) }
    }

    /// How long a connection may be used after a response: the origin's time less a margin for what is under way.
    package var usableTime: Duration? {
        guard let timeout = self.timeout else { return nil }
        return timeout - min(.seconds(1), timeout / 2)
    }
}
