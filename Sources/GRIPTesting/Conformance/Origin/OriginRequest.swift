import GRIP
import NIOCore

/// A request as the origin received it.
struct OriginRequest: Sendable {
    let head: MessageHead
    var body = ByteBuffer()
    let time = ContinuousClock.now

    init(head: MessageHead) { self.head = head }

    var fields: HeaderList { self.head.fields }
    var method: String { self.head.words.first ?? "" }
    var target: String { self.head.words.dropFirst().first ?? "" }
    var path: String { String(self.target.prefix { $0 != "?" }) }
    var query: String { String(self.target.dropFirst(self.path.count + 1)) }
    var text: String { String(buffer: self.body) }

    /// The events of a WebSocket-over-HTTP request.
    var events: [WebSocketEvent] {
        get throws {
            do {
                return try WebSocketEvent.decode(self.body)
            } catch {
                throw GRIPConformanceFailure(expected: "events in a request", observed: self.body.excerpt)
            }
        }
    }

    var isOpening: Bool { self.body.readableBytesView.starts(with: "OPEN".utf8) }
}
