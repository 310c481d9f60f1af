public import GRIP
import NIOCore

extension CoreSteps {
    /// Bodies of requests to a control API, written and read.
    static func items() throws -> [Step] {
        let batch = try (0..<100).map(Self.publication)
        return try Self.items("1 item", [batch[0]]) + Self.items("100 items", batch)
    }

    /// A publication as chats and feeds make them: a line of JSON, for streams and for WebSockets.
    public static func publication(_ number: Int) throws -> GRIPPublication {
        let message = #"{"user":"alice","room":42,"text":"hello, world"}"#
        let item = try GRIPItem(
            [.httpStream("\(message)\n"), .webSocketMessage("\(message)")],
            id: "\(number + 1)",
            previousID: "\(number)"
        )
        return GRIPPublication(item, to: "room-42")
    }

    private static func items(_ size: String, _ publications: [GRIPPublication]) throws -> [Step] {
        let body = GRIPPublication.json(publications)
        guard try GRIPPublication.parse(json: body) == publications else {
            throw StepError("items do not survive a round trip")
        }
        return [
            Step("items, encode \(size)", byteCount: body.readableBytes) { sink(GRIPPublication.json(publications)) },
            Step("items, parse \(size)", byteCount: body.readableBytes) {
                sink(try GRIPPublication.parse(json: body))
            },
        ]
    }
}
