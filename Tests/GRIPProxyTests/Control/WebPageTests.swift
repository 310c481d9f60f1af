import Foundation
import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import GRIPProxy

@Suite("Web pages and the control API", .timeLimit(.minutes(5)))
struct WebPageTests {
    private static let batch = #"{"items":[{"channel":"x","http-stream":{"content":"a"}}]}"#

    private static func post(_ fields: String, path: String = "/publish/", _ body: String = batch) -> String {
        "POST \(path) HTTP/1.1\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test(
        "Nothing that a page can send does anything",
        arguments: [
            "Host: localhost\r\nOrigin: http://evil.example\r\nContent-Type: text/plain\r\n",
            "Host: localhost\r\nOrigin: null\r\nContent-Type: application/x-www-form-urlencoded\r\n",
            "Host: 127.0.0.1\r\nSec-Fetch-Site: cross-site\r\n", "Host: rebound.example:5561\r\n",
        ]
    )
    func pages(fields: String) async throws {
        try await withProxy { proxy in
            let requests = [
                Self.post(fields), Self.post(fields, path: "/recover", ""), "POST /recover HTTP/1.1\r\n\(fields)\r\n",
                "GET /connections HTTP/1.1\r\n\(fields)\r\n", "DELETE /connections/1 HTTP/1.1\r\n\(fields)\r\n",
                "GET /metrics HTTP/1.1\r\n\(fields)\r\n", "OPTIONS /publish HTTP/1.1\r\n\(fields)\r\n",
                // Behind a plain request that is taken past the decoder.
                Self.post("Host: localhost\r\n") + Self.post(fields),
            ]
            for request in requests {
                try await proxy.publisher { connection in
                    try await connection.send(request)
                    var last = try await connection.response()
                    if last?.code == 200 { last = try await connection.response() }
                    #expect(last?.code == 403, "\(request)")
                    #expect(last?.body.hasPrefix("Forbidden: The control API") == true)
                }
            }
            #expect(
                try await proxy.metric("grip_proxy_control_refused_total{reason=\"page\"}") == requests.count
            )
            #expect(try await proxy.metric("grip_proxy_control_responses_total{code=\"403\"}") == requests.count)
            #expect(try await proxy.metric("message_received") == 1)
        }
    }

    @Test("Publishers and curl are served, by addresses, localhost and configured names")
    func publishers() async throws {
        try await withProxy {
            $0.controlHosts = ["grip-proxy.default.svc"]
        } _: { proxy in
            try await proxy.publisher { connection in
                for host in ["localhost:5561", "127.0.0.1", "[::1]:5561", "grip-proxy.default.svc:5561"] {
                    try await connection.send(Self.post("Host: \(host)\r\n"))
                    #expect(try await connection.response()?.code == 200)
                    try await connection.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
                    #expect(try await connection.response()?.code == 200)
                }
                try await connection.send(Self.post(""))
                #expect(try await connection.response()?.code == 200)
                try await connection.send("GET / HTTP/1.0\r\n\r\n")
                #expect(try await connection.response()?.code == 200)
            }
        }
    }

    @Test("A listener's own name counts")
    func listenersName() throws {
        var configuration = GRIPProxyServerConfiguration()
        configuration.controlListeners = [.tcp(host: "control.internal", port: 5561), .unixDomainSocket(path: "/x")]
        let api = ControlAPIs(configuration, token: nil).api(for: EmbeddedChannel())
        let name = try #require(HTTPField.Name("Host"))
        func check(_ host: String) -> ControlAPI.Check {
            api.check(ControlHead(method: .get, target: "/", fields: [name: host]))
        }
        #expect(check("control.internal:5561") == .readBody(0))
        #expect(check("x.internal:5561") != .readBody(0))
    }

    @Test("On a Unix domain socket any Host will do, but no page")
    func socketFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("g\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let result = await Result.catching {
            try await withProxy {
                $0.controlListeners = [.unixDomainSocket(path: folder.path + "/control")]
                $0.controlHosts = []
            } _: { proxy in
                try await proxy.publisher { connection in
                    try await connection.send(Self.post("Host: %2Ftmp%2Fx\r\n") + Self.post("Host: a\r\nOrigin: a\r\n"))
                    #expect(try await connection.response()?.code == 200)
                    #expect(try await connection.response()?.code == 403)
                }
            }
        }
        try FileManager.default.removeItem(at: folder)
        try result.get()
    }

    @Test("Strangers that do nothing do not keep publishers out", arguments: [nil, "secret"])
    func strangers(token: String?) async throws {
        try await withProxy {
            $0.controlToken = token.map { GRIPSecret($0) }
            $0.limits.controlConnections = 4
        } _: { proxy in
            var strangers: [any Channel] = []
            for _ in 0..<8 {
                strangers.append(try await ClientBootstrap(group: proxy.group).connect(to: proxy.control[0]).get())
            }
            let fields = "Host: localhost\r\n" + (token.map { "Authorization: Bearer \($0)\r\n" } ?? "")
            for _ in 0..<8 {
                try await proxy.publisher { connection in
                    try await connection.send(Self.post(fields))
                    #expect(try await connection.response()?.code == 200)
                }
            }
            for stranger in strangers { stranger.close(promise: nil) }
            let refusals = proxy.server.core.control.counters.controlRefusals
            #expect(refusals[.stranger, default: 0] >= 4)
            #expect(refusals[.connections] == nil)
        }
    }

    @Test("Somebody without the token is a stranger, whatever is asked for")
    func wrongToken() async throws {
        try await withProxy {
            $0.controlToken = "secret"
            $0.limits.controlConnections = 1
        } _: { proxy in
            try await proxy.publisher { stranger in
                try await stranger.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                #expect(try await stranger.response()?.code == 401)
                try await proxy.publisher { publisher in
                    try await publisher.send(Self.post("Authorization: Bearer secret\r\n"))
                    #expect(try await publisher.response()?.code == 200)
                    #expect(try await stranger.rest() == "")
                    // Who has shown the token stays.
                    #expect(try await proxy.silence(at: proxy.control[0]) == "")
                    try await publisher.send(Self.post("Authorization: Bearer secret\r\n"))
                    #expect(try await publisher.response()?.code == 200)
                }
            }
        }
    }
}
