import GRIP
import NIOCore

extension OriginAnswer {
    /// Accepts WebSockets over HTTP.
    ///
    /// - Parameters:
    ///   - opening: Events that follow the acceptance.
    ///   - fields: Further header lines of the acceptance.
    ///   - usesGRIP: Whether the origin negotiates the extension.
    ///   - answer: The events that answer another one; by default messages are echoed, pings are ponged and closes
    ///     confirmed.
    static func webSocket(
        opening: [WebSocketEvent] = [],
        _ fields: HeaderList = [:],
        usesGRIP: Bool = true,
        _ answer: @escaping @Sendable (WebSocketEvent) -> [WebSocketEvent] = { WebSocketEvent.echo($0) }
    ) -> OriginAnswer {
        .computed { request in
            guard !request.isOpening else {
                let accept: HeaderList = usesGRIP ? ["Sec-WebSocket-Extensions": "grip"] : [:]
                let rest = try request.events.dropFirst().flatMap(answer)
                return .events([.open] + opening + rest, accept + fields)
            }
            return .events(try request.events.flatMap(answer))
        }
    }

    /// Accepts WebSockets over HTTP and subscribes them.
    static func subscribing(_ channel: String, after events: [WebSocketEvent] = []) -> OriginAnswer {
        .webSocket(opening: events + [.subscribe(channel)])
    }
}

extension WebSocketEvent {
    /// Tells the proxy something.
    static func control(_ json: String) -> WebSocketEvent { .text("c:" + json) }

    /// Tells the proxy to subscribe the client.
    static func subscribe(_ channel: String, filters: [String] = []) -> WebSocketEvent {
        let names = filters.map { "\"\($0)\"" }.joined(separator: ",")
        return .control(#"{"type":"subscribe","channel":"\#(channel)","filters":[\#(names)]}"#)
    }

    /// A message for the client.
    static func message(_ text: String) -> WebSocketEvent { .text("m:" + text) }

    /// What an echoing origin answers.
    static func echo(_ event: WebSocketEvent) -> [WebSocketEvent] {
        switch event {
        case .text(let data): [.text(prefixed(data))]
        case .binary(let data): [.binary(prefixed(data))]
        case .ping(let data): [.pong(data)]
        case .close(let close): [.close(close)]
        case .open, .pong, .disconnect: []
        }
    }

    private static func prefixed(_ data: ByteBuffer) -> ByteBuffer {
        var message = ByteBuffer(string: "m:")
        message.writeImmutableBuffer(data)
        return message
    }
}
