import GRIP

/// The bearer token of the control API.
struct ControlToken: Sendable, CustomStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    init(_ token: String) { self.bytes = Array(token.utf8) }

    var description: String { "(redacted)" }

    var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }

    /// Whether an `Authorization` header carries the token.
    func isCarried(by authorization: String) -> Bool {
        guard let space = authorization.utf8.firstIndex(of: .space),
            authorization[..<space].equalsIgnoringASCIICase("Bearer")
        else { return false }
        return self.equals(authorization[space...].trimmingASCIIWhitespace().utf8)
    }

    /// Compares in a time that depends on what was sent alone, so that it tells nothing about the token.
    private func equals(_ other: some Collection<UInt8>) -> Bool {
        guard !self.bytes.isEmpty else { return false }
        var difference = other.count ^ self.bytes.count
        for (index, byte) in other.enumerated() {
            difference |= Int(byte ^ self.bytes[index % self.bytes.count])
        }
        return difference == 0
    }
}
