/// What a client does on one connection.
struct ClientScript: Sendable {
    enum Step: Sendable {
        case send([UInt8])
        /// Waits until something comes, but not longer than those who stay.
        case receive
        /// Waits until all clients that do not wait for this have ended.
        case stay
        /// Sends nothing more.
        case finish
        /// Closes the connection, whatever comes.
        case leave
    }

    var steps: [Step]

    var sent: [UInt8] {
        self.steps.flatMap { step -> [UInt8] in if case .send(let bytes) = step { bytes } else { [] } }
    }

    /// Whether its end may have to wait for that of others.
    var stays: Bool {
        self.steps.contains { step in
            switch step {
            case .stay, .receive: true
            case .send, .finish, .leave: false
            }
        }
    }

    var leaves: Bool { self.steps.contains { if case .leave = $0 { true } else { false } } }
}

extension Array where Element == UInt8 {
    /// The bytes as a test can be told about them: what is not plain text is escaped.
    var escaped: String {
        self.map { byte in
            switch byte {
            case 0x0D: "\\r"
            case 0x0A: "\\n"
            case 0x5C: "\\\\"
            case 0x20..<0x7F: String(Unicode.Scalar(byte))
            default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}
