import GRIPProxy
import NIOCore
import Synchronization
import Testing

/// What goes through a proxy, byte by byte: what the origin gets of a request, and what the client gets of its answer.
struct Passage {
    /// The requests that the origin has got, each with its body and trailers.
    let asked: [String]
    /// The same as bytes.
    let askedBytes: [[UInt8]]
    /// All that the client has got.
    let answered: String
    let answeredBytes: [UInt8]

    /// The status of the answer.
    var status: Int? { self.answered.split(separator: " ").dropFirst().first.flatMap { Int($0) } }

    /// The lines of the only request without the first, in lower case.
    func askedLines() throws -> [String] {
        try #require(self.asked.first).lowercased().split(separator: "\r\n").dropFirst().map(String.init)
    }

    /// Sends bytes to a proxy, and answers what it asks its origin.
    ///
    /// - Parameters:
    ///   - request: What the client sends; it asks for the end of the connection, or it is never over.
    ///   - routes: The routes; `ORIGIN` stands for the origin.
    ///   - answer: What the origin says to each request.
    ///   - configure: What else is configured.
    static func of(
        _ request: [UInt8],
        routes: [String] = ["* ORIGIN"],
        answer: [UInt8] = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8),
        _ configure: (inout GRIPProxyServerConfiguration) throws -> Void = { _ in }
    ) async throws -> Passage {
        var configuration = GRIPProxyServerConfiguration()
        try configure(&configuration)
        let asked = Asked()
        return try await ScriptedOrigin.with { connection in
            while let head = try await connection.bytes(upTo: Array("\r\n\r\n".utf8)) {
                let message = try await connection.rest(of: head)
                asked.messages.withLock { $0.append(message) }
                try await connection.send(answer)
            }
        } _: { port in
            try await withProxy {
                $0.key = configuration.key
                $0.upstreamKey = configuration.upstreamKey
                $0.forwarding = configuration.forwarding
                $0.allowsCrossOrigin = configuration.allowsCrossOrigin
                $0.routes = routes.map { GRIPRouteLine($0.replacing("ORIGIN", with: "127.0.0.1:\(port)")) }
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send(request)
                    let answered = try await client.restOfBytes()
                    let messages = asked.messages.withLock { $0 }
                    return Passage(
                        asked: messages.map { String(decoding: $0, as: UTF8.self) },
                        askedBytes: messages,
                        answered: String(buffer: answered),
                        answeredBytes: Array(answered.readableBytesView)
                    )
                }
            }
        }
    }

    /// The same with text.
    static func of(
        _ request: String,
        routes: [String] = ["* ORIGIN"],
        answer: String = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        _ configure: (inout GRIPProxyServerConfiguration) throws -> Void = { _ in }
    ) async throws -> Passage {
        try await Self.of(Array(request.utf8), routes: routes, answer: Array(answer.utf8), configure)
    }

    private final class Asked: Sendable {
        let messages = Mutex<[[UInt8]]>([])
    }
}

extension TestConnection {
    /// Receives what belongs to a head that has come.
    fileprivate mutating func rest(of head: [UInt8]) async throws -> [UInt8] {
        var message = head
        let lines = String(decoding: head, as: UTF8.self).lowercased().split(separator: "\r\n")
        if lines.contains("transfer-encoding: chunked") {
            message += try await self.bytes(upTo: Array("0\r\n".utf8)) ?? []
            while let line = try await self.bytes(upTo: Array("\r\n".utf8)) {
                message += line
                if line.count == 2 { break }
            }
        } else if let length = lines.first(where: { $0.hasPrefix("content-length: ") }) {
            let count = try #require(Int(length.dropFirst("content-length: ".count)))
            if let body = try await self.bytes(count) { message += body.readableBytesView }
        }
        return message
    }
}
