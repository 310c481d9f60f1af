package import GRIP
package import HTTPTypes

/// Why a WebSocket ends other than by being closed.
package enum WebSocketFailure: Error, Sendable, Hashable {
    /// No connection to the origin could be made.
    case unreachable
    /// There are too many requests to the origin.
    case busy
    /// The connection to the origin was lost, or no answer came in time.
    case lost
    /// The origin's response was longer than is accepted.
    case responseTooLarge
    /// The origin answered with another status than 200, after it had accepted the connection.
    case status(Int)
    /// The origin's response has another content type than WebSocket events, or none.
    case contentType(String?)
    /// The origin's response has a content coding, and cannot be read.
    case coding(String)
    /// The origin's events cannot be read.
    case events(WebSocketEventError)
    /// The origin's first event is not OPEN.
    case notOpened
    /// The origin opened the connection once more.
    case openedTwice
    /// The origin cut the connection.
    case disconnected
    /// The origin accepted more than it was sent, a CLOSE in part, or nothing while more was waiting.
    case contentBytesAccepted
    /// The origin stored more meta than is accepted.
    case tooMuchMeta
    /// The origin sent a ping or pong that fits no frame.
    case controlPayload
    /// The origin sent text that is not UTF-8.
    case text
    /// The origin broke the rules of frames.
    case violation(WebSocketClose)
    /// The origin did not answer the client's close.
    case closeUnanswered
    /// The other side took too long to answer a Close frame.
    case closeTimeout
    /// The proxy shuts down.
    case shuttingDown

    /// With what the client of an open connection is closed, apart from a reason; no value when it is cut off, as an
    /// origin can ask, or when closing it is what has failed.
    package var closeCode: WebSocketCloseCode? {
        switch self {
        case .status(413): .messageTooBig
        case .status, .unreachable, .busy, .lost, .responseTooLarge, .contentType, .coding, .events, .notOpened,
            .openedTwice, .contentBytesAccepted, .tooMuchMeta, .controlPayload, .text:
            .internalError
        case .disconnected, .violation, .closeUnanswered, .closeTimeout, .shuttingDown: nil
        }
    }

    /// What a client gets in place of an answer to its handshake.
    package var status: HTTPResponse.Status {
        self == .shuttingDown || self == .busy ? .serviceUnavailable : .badGateway
    }
}

extension WebSocketFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable: "the origin cannot be reached"
        case .busy: "the origin has too many requests"
        case .lost: "the origin did not answer"
        case .responseTooLarge: "the origin's response is too long"
        case .status(let code): "the origin answered with status \(code)"
        case .contentType(let type):
            "the origin's response has \(type.map { "the content type '\($0)'" } ?? "no content type"), "
                + "and not 'application/websocket-events'"
        case .coding(let reason): "the origin's response cannot be read: \(reason)"
        case .events(let error): "\(error)"
        case .notOpened: "the origin's first event is not OPEN"
        case .openedTwice: "the origin sent a second OPEN"
        case .disconnected: "the origin sent DISCONNECT"
        case .contentBytesAccepted: "Content-Bytes-Accepted does not fit what was sent"
        case .tooMuchMeta: "the origin's meta is too long"
        case .controlPayload: "a ping or pong of the origin is too long"
        case .text: "the origin sent text that is not UTF-8"
        case .violation(let close): "the origin broke the WebSocket protocol: \(close.reason)"
        case .closeUnanswered: "the origin did not answer CLOSE"
        case .closeTimeout: "a Close frame was not answered in time"
        case .shuttingDown: "the proxy shuts down"
        }
    }
}
