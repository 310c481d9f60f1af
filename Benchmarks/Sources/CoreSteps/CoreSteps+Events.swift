import GRIP
import NIOCore

extension CoreSteps {
    /// WebSocket-over-HTTP bodies: a few long messages, and many short ones.
    static func events() throws -> [Step] {
        let long = Array(
            repeating: WebSocketEvent.text(String(repeating: "a", count: 1024)),
            count: 100
        )
        let short = Array(repeating: WebSocketEvent.text("[12,34]"), count: 1000)
        return try Self.events("100 of 1 KiB", long) + Self.events("1000 of 7 B", short)
    }

    private static func events(_ size: String, _ events: [WebSocketEvent]) throws -> [Step] {
        let body = WebSocketEvent.encode(events)
        guard try WebSocketEvent.decode(body) == events else { throw StepError("events do not survive a round trip") }
        return [
            Step("events, encode \(size)", byteCount: body.readableBytes) { sink(WebSocketEvent.encode(events)) },
            Step("events, decode \(size)", byteCount: body.readableBytes) { sink(try WebSocketEvent.decode(body)) },
        ]
    }
}
