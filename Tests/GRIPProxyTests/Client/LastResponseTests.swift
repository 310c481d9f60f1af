import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@testable import GRIPProxy

/// Connections that end while the client has yet to read what it was answered.
@Suite("Responses that are not read yet when their connection is to end", .timeLimit(.minutes(5)))
struct LastResponseTests {
    /// More than the system keeps for a client that does not read.
    private static let size = 32_000_000

    enum Ending: CaseIterable, Sendable {
        /// The answer came early; now the request is complete.
        case requestEnds
        /// The answer came early; the client sends no more of the request.
        case inputEndsEarly
        /// The answer came early; what the client sends now is not valid.
        case requestIsInvalid
        /// The client sends nothing after its request.
        case inputEnds
        case proxyShutsDown

        var isEarly: Bool {
            switch self {
            case .requestEnds, .inputEndsEarly, .requestIsInvalid: true
            case .inputEnds, .proxyShutsDown: false
            }
        }
    }

    /// Does something with the only client, on its event loop.
    private static func handler(
        of proxy: ProxyScope,
        _ body: @escaping @Sendable (HTTP1ClientHandler) -> Bool
    ) async throws -> Bool {
        try await proxy.count { loop in
            loop.clients.values.count { ($0 as? HTTP1ClientHandler).map(body) ?? false }
        } == 1
    }

    private static func answer(_ proxy: ProxyScope) async throws {
        try await proxy.wait("The request is begun") {
            try await Self.handler(of: proxy) { if case .exchange = $0.phase { true } else { false } }
        }
        let isPending = try await Self.handler(of: proxy) { handler in
            handler.begin(HTTPResponse(status: .ok), .known(Self.size))
            handler.write(ByteBuffer(repeating: UInt8(ascii: "a"), count: Self.size))
            handler.end(nil)
            return handler.pendingByteCount > 0
        }
        try #require(isPending)
    }

    @Test("The client gets all of it", arguments: Ending.allCases)
    func isWhole(ending: Ending) async throws {
        try await ScriptedOrigin.with {
            _ = try await $0.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    let framing = ending == .requestIsInvalid ? "Transfer-Encoding: chunked" : "Content-Length: 5"
                    try await client.send(
                        ending.isEarly
                            ? "POST / HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n2" : "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                    )
                    try await Self.answer(proxy)
                    switch ending {
                    case .requestEnds:
                        try await client.send("2345")
                        try await proxy.wait("The request is read") {
                            try await Self.handler(of: proxy) { $0.isRequestEnded }
                        }
                    case .requestIsInvalid: try await client.send("?\r\n")
                    case .inputEndsEarly, .inputEnds:
                        try await client.finish()
                        try await proxy.wait("The end is read") {
                            try await Self.handler(of: proxy) { $0.isInputClosed }
                        }
                    case .proxyShutsDown:
                        _ = try await Self.handler(of: proxy) { handler in
                            handler.shutDown(.shutDown)
                            return true
                        }
                    }
                    let response = try await client.response()
                    #expect(response?.code == 200)
                    #expect(response?.body.utf8.count == Self.size)
                    #expect(try await client.rest() == "")
                }
            }
        }
    }
}
