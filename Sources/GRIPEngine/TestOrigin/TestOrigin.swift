import GRIP
package import HTTPTypes
package import NIOCore

/// The origin behind the target `test`, which shows that a proxy works where there is no other origin yet.
///
/// It answers as any origin would, with instructions that the proxy then follows:
///
/// - `/` greets.
/// - `/response` and `/stream` hold on the channel that the parameter `channel` names, or on `test`.
/// - `/ws` accepts WebSocket-over-HTTP, subscribes to such a channel, and sends back what it receives.
package enum TestOrigin {
    private static let defaultChannel = "test"

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - method: The method; a `HEAD` request gets no body and holds nothing.
    ///   - path: The path with its query. A slash at the end of the path does not count.
    ///   - fields: The fields of the request.
    ///   - body: The whole body of the request.
    /// - Returns: The response.
    package static func respond(
        method: HTTPRequest.Method,
        path: String,
        fields: HTTPFields,
        body: ByteBuffer
    ) -> EngineResponse {
        var response = Self.response(path, fields, body)
        if method == .head {
            response.fields.removeAll { $0.isGRIP }
            response.body.clear()
        }
        return response
    }

    private static func response(_ path: String, _ fields: HTTPFields, _ body: ByteBuffer) -> EngineResponse {
        let query = path.utf8.firstIndex(of: UInt8(ascii: "?")) ?? path.endIndex
        let parameters = QueryParameters(path[query...].dropFirst())
        switch Self.withoutSlash(path[..<query]) {
        case "/": return .text(.ok, "Hello from the test handler of the GRIP proxy!\n")
        case "/response": return Self.held(parameters, "nothing for now\n") { .response(on: $0) }
        case "/stream": return Self.held(parameters, "[stream opened]\n") { .stream(on: $0) }
        case "/ws" where Self.isWebSocket(fields): return Self.webSocket(parameters, fields, body)
        default: return .text(.notFound, "no such test resource\n")
        }
    }

    private static func withoutSlash(_ path: Substring) -> Substring {
        path.utf8.count > 1 && path.utf8.last == UInt8(ascii: "/") ? Substring(path.utf8.dropLast()) : path
    }

    /// The channel that is asked for, or nothing where it cannot be one.
    private static func channel(_ parameters: QueryParameters) -> GRIPChannel? {
        let parameter = parameters.parameters.first { $0.name == "channel" }
        guard let name = parameter.map({ $0.value }) ?? Self.defaultChannel else { return nil }
        do throws(GRIPError) {
            return try GRIPChannel(name.isEmpty ? Self.defaultChannel : name)
        } catch {
            return nil
        }
    }

    private static func held(
        _ parameters: QueryParameters,
        _ text: String,
        _ instruction: (GRIPChannel) -> GRIPInstruction
    ) -> EngineResponse {
        guard let channel = Self.channel(parameters) else { return Self.badChannel }
        var response = EngineResponse.text(.ok, text)
        instruction(channel).write(to: &response.fields)
        return response
    }

    private static let badChannel = EngineResponse.text(.badRequest, "Invalid channel parameter.\n")
}

extension TestOrigin {
    private static func isWebSocket(_ fields: HTTPFields) -> Bool {
        let type = fields[.contentType]?.mediaTypeWithoutParameters ?? ""
        return type.equalsIgnoringASCIICase(WebSocketSession.contentType)
    }

    private static func webSocket(
        _ parameters: QueryParameters,
        _ fields: HTTPFields,
        _ body: ByteBuffer
    ) -> EngineResponse {
        guard let channel = Self.channel(parameters) else { return Self.badChannel }
        guard let events = Self.events(body) else { return .text(.badRequest, "Invalid events.\n") }
        do throws(GRIPError) {
            var session = try WebSocketSession(
                connectionID: fields[.connectionID] ?? "",
                requestFields: fields,
                events: events
            )
            if session.isOpening {
                session.accept()
                session.subscribe(to: channel)
            }
            while let input = session.receive() {
                if case .message(let message) = input { session.send(message) }
            }
            let response = try session.makeResponse()
            var fields = response.fields
            fields[.contentLength] = String(response.body.readableBytes)
            return EngineResponse(status: response.status, fields: fields, body: response.body)
        } catch {
            return .text(.badRequest, error.reason + "\n")
        }
    }

    private static func events(_ body: ByteBuffer) -> [WebSocketEvent]? {
        do throws(WebSocketEventError) { return try WebSocketEvent.decode(body) } catch { return nil }
    }
}
