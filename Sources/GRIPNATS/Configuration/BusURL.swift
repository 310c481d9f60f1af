import GRIPPublisher

/// The kinds of bus that URLs name.
enum BusURL {
    /// Where a sentence about other buses leads.
    private static let advice = "give nats://host:4222, or tls://host:4222 for TLS"

    /// Checks that a URL is one of NATS.
    ///
    /// - Parameter url: The URL, which may hold a password.
    /// - Throws: `InvalidValue`, which names the scheme and nothing else of the URL.
    static func checkScheme(_ url: String) throws(InvalidValue) {
        guard let separator = url.firstRange(of: "://") else { return }
        let scheme = url[..<separator.lowerBound].lowercased()
        switch scheme {
        case "nats", "tls": return
        case "redis", "rediss", "valkey", "valkeys", "redis+unix":
            throw InvalidValue(
                "names a server of Redis or Valkey, for which there is no bus here; \(Self.advice), or write a bus of "
                    + "your own (GRIPBus) and pass it in code"
            )
        case "ws", "wss":
            throw InvalidValue("names a WebSocket, over which this client of NATS does not speak; \(Self.advice)")
        case "http", "https":
            throw InvalidValue(
                "names a server of HTTP, which is no bus; \(Self.advice). The control API of a proxy belongs into GRIP_URL"
            )
        default:
            let isWord = !scheme.isEmpty && scheme.utf8.count <= 20 && scheme.utf8.allSatisfy(Self.isSchemeByte)
            throw InvalidValue(
                "has a URL of \(isWord ? "the scheme '\(scheme)'" : "another scheme"), and the schemes are nats and tls; "
                    + Self.advice
            )
        }
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
