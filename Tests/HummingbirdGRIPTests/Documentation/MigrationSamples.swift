import Hummingbird
import HummingbirdGRIP

/// The samples of "Migrating from django-grip", which differ from others only in how they read a form.
enum MigrationSamples {
    struct DataForm: Decodable {
        var data: String
    }

    static func routes(
        _ router: Router<BasicGRIPRequestContext>,
        _ grip: GRIPOrigin,
        object: SampleObject.Version
    ) {
        router.get("stream") { _, _ in
            "[stream open]\n".held(.stream(on: "test"))
        }
        router.post("stream") { request, context in
            let form = try await URLEncodedFormDecoder().decode(DataForm.self, from: request, context: context)
            try await grip.publish(.httpStream("\(form.data)\n"), to: "test")
            return "Ok\n"
        }

        router.get("object") { request, _ in
            request.headers[.ifNoneMatch] == object.etag
                ? Response(status: .notModified).held(.response(on: "test", timeout: .seconds(55)))
                : object.response
        }

        router.webSocketOverHTTP("echo") { socket, _, _ in
            if socket.isOpening {
                socket.accept()
                socket.subscribe(to: "test")
            }
            for message in socket.messages { socket.send(message) }
        }
    }

    /// The calls of the table, as far as no other sample has them.
    static func calls(
        _ grip: GRIPOrigin,
        text: String,
        data: String,
        time: Duration,
        channels: [GRIPChannel],
        channel: GRIPChannel
    ) async throws -> [GRIPInstruction] {
        try await grip.publish(.httpStream(.text(text)), to: channel)
        try await grip.publish(.httpResponse(.text(text), headers: [.eTag: text]), to: channel)
        try await grip.publish(.webSocketMessage(.text(text)), to: channel)
        return [
            .stream(on: channel, keepAlive: try GRIPKeepAlive(.text(data), after: time)),
            try GRIPInstruction(hold: .stream(), channels: channels),
            .stream(on: channel).with(next: try GRIPLink(text, timeout: time)),
        ]
    }
}
