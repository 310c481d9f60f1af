import GRIP
package import HTTPTypes
package import NIOCore

/// Makes scripts of responses.
///
/// Everything goes out as `200 OK` and `application/javascript`, because browsers do not show scripts anything else.
/// The comment at the start keeps the response from being taken for a Flash file. A stream hold is not wrapped: it has
/// no end that could close the call.
package struct JSONPWrapper: Sendable, Hashable {
    package let callback: JSONPCallback
    package let mode: Route.JSONP.Mode

    package init(callback: JSONPCallback, mode: Route.JSONP.Mode) {
        self.callback = callback
        self.mode = mode
    }

    /// Wraps a response, held or not: there is one spelling for both.
    ///
    /// The extended mode calls with an object of `code`, `reason`, `headers` and `body`, and fails with 500 where the
    /// body is not UTF-8. The basic mode calls with the body as it is, which should be JSON. Both keep `Cache-Control`
    /// and `Set-Cookie` outside; cookies are not shown to the script, which belongs to somebody else.
    ///
    /// - Parameters:
    ///   - status: The status of the response.
    ///   - fields: Its fields as the client would get them.
    ///   - body: Its whole body.
    /// - Returns: The script.
    package func wrap(status: HTTPResponse.Status, fields: HTTPFields, body: ByteBuffer) -> EngineResponse {
        guard let argument = self.argument(status, fields, body) else {
            return .text(.internalServerError, "Upstream response could not be JSON-P encoded.\n")
        }
        var script = ByteBuffer(string: "/**/\(self.callback.name)(")
        Self.write(argument, to: &script)
        script.writeString(");\n")
        var outside: HTTPFields = [.contentType: "application/javascript"]
        for field in fields where field.name == .cacheControl || field.name == .setCookie { outside.append(field) }
        outside[.contentLength] = String(script.readableBytes)
        return EngineResponse(status: .ok, fields: outside, body: script)
    }

    private func argument(_ status: HTTPResponse.Status, _ fields: HTTPFields, _ body: ByteBuffer) -> [UInt8]? {
        var bytes = Array(body.readableBytesView)
        switch self.mode {
        case .basic:
            if bytes.last == .newline { bytes.removeLast() }
            return bytes
        case .extended:
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            return Self.extended(status.withReason, fields, text)
        }
    }

    private static func extended(_ status: HTTPResponse.Status, _ fields: HTTPFields, _ body: String) -> [UInt8] {
        func string(_ text: String) -> [UInt8] {
            var writer = JSONWriter()
            writer.string(text)
            return writer.bytes
        }
        var headers = JSONWriter()
        headers.object { writer in
            for (name, value) in Self.visible(fields) {
                writer.key(escaping: name)
                writer.string(value)
            }
        }
        var result = Array("{\"code\": \(status.code), \"reason\": ".utf8)
        result += string(status.reasonPhrase)
        result += Array(", \"headers\": ".utf8)
        result += headers.bytes
        result += Array(", \"body\": ".utf8)
        result += string(body)
        result += Array("}".utf8)
        return result
    }

    /// The headers that the script sees, sorted, each once.
    private static func visible(_ fields: HTTPFields) -> [(name: String, value: String)] {
        var seen: Set<HTTPField.Name> = [.setCookie, .connection, .keepAlive, .transferEncoding]
        var result: [(name: String, value: String)] = []
        for field in fields where !field.name.isGRIP && seen.insert(field.name).inserted {
            result.append((field.name.rawName, fields[field.name] ?? field.value))
        }
        return result.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Writes JSON with the two line ends escaped that JSON allows in texts and older JavaScript does not.
    private static func write(_ json: [UInt8], to script: inout ByteBuffer) {
        var start = 0
        var index = 0
        while index < json.count {
            guard json[index] == 0xE2, index + 2 < json.count, json[index + 1] == 0x80, json[index + 2] | 1 == 0xA9
            else {
                index += 1
                continue
            }
            script.writeBytes(json[start..<index])
            script.writeString(json[index + 2] == 0xA8 ? "\\u2028" : "\\u2029")
            index += 3
            start = index
        }
        script.writeBytes(json[start...])
    }
}
