import NIOCore
import Testing

extension ProxyScope {
    /// What the proxy tells of a metric.
    ///
    /// - Parameter sample: The name, with the label where there is one.
    func metric(_ sample: String) async throws -> Int {
        var text = ""
        // On a busy machine a request may come too late where the test lets publishers have little time.
        while text.isEmpty {
            text = try await self.publisher { connection in
                do {
                    try await connection.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                } catch is ChannelError {}
                return try await connection.response()?.body ?? ""
            }
        }
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(sample) ") }
        return try #require(line.flatMap { Int($0.dropFirst(sample.utf8.count + 1)) }, "\(sample)")
    }

    /// Asks for a path on a connection of its own.
    func get(_ path: String = "/x", _ fields: String = "") async throws -> TestConnection.Response? {
        try await self.client { client in
            try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
            return try await client.response()
        }
    }

    /// Publishes an item, and waits until it is handed out.
    ///
    /// - Parameters:
    ///   - formats: The formats of the item in JSON.
    ///   - channel: The channel.
    ///   - ids: The item's `id` and `prev-id` in JSON, with a comma behind.
    /// - Returns: To how many connections it was written.
    @discardableResult
    func publish(_ formats: String, to channel: String = "a", ids: String = "") async throws -> Int {
        let body = #"{"items":[{"channel":"\#(channel)",\#(ids)"formats":{\#(formats)}}]}"#
        return try await self.publisher { connection in
            try await connection.send(
                """
                POST /publish HTTP/1.1\r\nHost: a\r\nConnection: close\r\nPrefer: return=representation\r\n\
                Content-Length: \(body.utf8.count)\r\n\r\n\(body)
                """
            )
            guard let text = try await connection.response()?.body else { throw TooBusy() }
            let counts = text.split(separator: #""deliveries":{"#).dropFirst().first?.prefix { $0 != "}" } ?? ""
            return counts.split(separator: ",").compactMap { $0.split(separator: ":").last.flatMap { Int($0) } }
                .reduce(0, +)
        }
    }

    /// Publishes a text to streams and WebSockets.
    @discardableResult
    func publish(text: String, to channel: String = "a", ids: String = "") async throws -> Int {
        try await self.publish(
            #""http-stream":{"content":"\#(text)"},"ws-message":{"content":"\#(text)"}"#,
            to: channel,
            ids: ids
        )
    }
}
