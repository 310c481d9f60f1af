import GRIP
import GRIPProxy
import Testing

/// What of a message goes through, and as what.
@Suite("Fields that pass", .timeLimit(.minutes(5)))
struct PassedFieldsTests {
    @Test("Trailers of an answer pass by the rules for fields")
    func responseTrailers() async throws {
        let answer = """
            HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Own, Set-Cookie\r\n\r\n2\r\nok\r\n0\r\n\
            Set-Cookie: forged\r\nGrip-Hold: forged\r\nX-Own: 1\r\n\
            Content-Digest: sha-256=:eA==:\r\n\r\n
            """
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        let passage = try await Passage.of(request, answer: answer)
        #expect(passage.answered.hasSuffix("0\r\nX-Own: 1\r\nContent-Digest: sha-256=:eA==:\r\n\r\n"))
    }

    @Test(
        "A request without Host names the origin's own",
        arguments: ["GET / HTTP/1.0\r\n", "GET / HTTP/1.0\r\nHost:\r\n"]
    )
    func withoutHost(head: String) async throws {
        let passage = try await Passage.of(head + "\r\n", routes: ["b ORIGIN", "* ORIGIN"])
        let hosts = try passage.askedLines().filter { $0.hasPrefix("host:") }
        #expect(hosts.count == 1)
        #expect(hosts.first?.hasPrefix("host: 127.0.0.1:") == true)
    }

    @Test("An empty Host of HTTP/1.1 does too")
    func emptyHost() async throws {
        let passage = try await Passage.of("GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n")
        #expect(try passage.askedLines().first { $0.hasPrefix("host:") }?.hasPrefix("host: 127.0.0.1:") == true)
    }

    @Test("A host that the route names stays")
    func namedHost() async throws {
        let passage = try await Passage.of("GET / HTTP/1.0\r\n\r\n", routes: ["* ORIGIN,host=inner"])
        #expect(try passage.askedLines().contains("host: inner"))
    }

    @Test("Encodings that a client takes are for the origin where no instructions are followed")
    func acceptEncoding() async throws {
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: br, x-unheard-of\r\n\r\n"
        let plain = try await Passage.of(request, routes: ["*,no_grip ORIGIN"])
        #expect(try plain.askedLines().contains("accept-encoding: br, x-unheard-of"))
        let followed = try await Passage.of(request)
        #expect(try !followed.askedLines().contains { $0.contains("x-unheard-of") })
    }

    @Test("A script's answer is not asked for in an encoding")
    func acceptEncodingOfScripts() async throws {
        let request = "GET /?callback=f HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: br\r\n\r\n"
        let passage = try await Passage.of(request, routes: ["*,no_grip,aco ORIGIN"])
        #expect(try !passage.askedLines().contains { $0.contains("br") })
    }

    @Test(
        "An answer to a page of another origin says that it depends on that",
        arguments: ["", "Origin: https://b\r\n"]
    )
    func crossOrigin(origin: String) async throws {
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(origin)\r\n"
        let answer = "HTTP/1.1 200 OK\r\nVary: Accept\r\nContent-Length: 2\r\n\r\nok"
        let passage = try await Passage.of(request, routes: ["*,aco ORIGIN"], answer: answer)
        #expect(passage.answered.contains("\r\nVary: Accept\r\n"))
        #expect(passage.answered.contains("\r\nVary: Origin\r\n"))
    }
}
