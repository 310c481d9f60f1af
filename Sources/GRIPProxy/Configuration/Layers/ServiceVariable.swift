import GRIP

/// The environment variables in which Kubernetes, and Docker's links before it, tell a container about a service.
///
/// A service named `grip-proxy-control` comes as `GRIP_PROXY_CONTROL_SERVICE_HOST`, `GRIP_PROXY_CONTROL_PORT` and so on,
/// which begin like settings and are none.
enum ServiceVariable {
    private static let transports: Set<Substring> = ["TCP", "UDP", "SCTP"]
    private static let parts: Set<Substring> = ["PROTO", "PORT", "ADDR"]

    /// Whether a variable is one of a service.
    ///
    /// - Parameters:
    ///   - name: The name of the variable.
    ///   - value: Its value.
    ///   - service: What the service's name begins with, in the manner of variables.
    static func isOne(_ name: String, value: String, ofServiceNamed service: String) -> Bool {
        guard name.hasBytePrefix(service + "_") else { return false }
        let rest = name.dropFirst(service.utf8.count + 1)
        let words = rest.split(separator: "_", omittingEmptySubsequences: false)
        if words.suffix(2) == ["SERVICE", "HOST"] || Self.hasServicePort(words) { return true }
        // {SVC}_PORT_{N}_{TRANSPORT} and its parts.
        let port = words.last.map(Self.parts.contains) == true ? words.dropLast() : words[...]
        if port.count >= 3, let transport = port.last, Self.transports.contains(transport),
            Self.isNumber(port[port.endIndex - 2]), port[port.endIndex - 3] == "PORT"
        {
            return true
        }
        // Somebody could also mean the port of a listener by this one, who would give a number.
        return words.last == "PORT" && Self.isURL(value)
    }

    /// `{SVC}_SERVICE_PORT` and `{SVC}_SERVICE_PORT_{NAME}`.
    private static func hasServicePort(_ words: [Substring]) -> Bool {
        words.indices.dropLast().contains { words[$0] == "SERVICE" && words[$0 + 1] == "PORT" }
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isURL(_ value: String) -> Bool {
        ["tcp://", "udp://", "sctp://"].contains { value.lowercased().hasBytePrefix($0) }
    }
}
