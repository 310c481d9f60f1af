import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("Who may use a control API without a token")
struct ControlAccessTests {
    private static let named = ControlAPI(
        token: nil,
        access: ControlAccess(names: ["grip-proxy", "grip.svc.cluster.local."]),
        maximumBody: 100
    )

    private static func head(_ lines: String, method: HTTPRequest.Method = .post) throws -> ControlHead {
        var fields: HTTPFields = [.contentLength: "0"]
        for line in lines.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            fields.append(HTTPField(name: try #require(HTTPField.Name(String(parts[0]))), value: String(parts[1])))
        }
        return ControlHead(method: method, target: "/recover", fields: fields)
    }

    private static func status(_ lines: String, _ api: ControlAPI = .open) throws -> Int? {
        guard case .respond(let response) = api.check(try Self.head(lines)) else { return nil }
        #expect(response.refusal == .page)
        #expect(!response.closesConnection)
        return response.code
    }

    @Test(
        "Publishers and people at a browser may",
        arguments: [
            "", "Host:", "Host: localhost", "Host: LocalHost:5561", "Host: localhost.", "Host: localhost:",
            "Host: 127.0.0.1:5561", "Host: 10.1.2.3", "Host: 255.255.255.255", "Host: [::1]", "Host: [::1]:5561",
            "Host: [fe80::1%25eth0]:1", "Host: [::FFFF:1.2.3.4]", "Sec-Fetch-Site: none", "Sec-Fetch-Site: same-origin",
            "Sec-Fetch-Mode: cors", "Referer: http://localhost/", "Host:  localhost ",
        ]
    )
    func allowed(lines: String) throws { #expect(try Self.status(lines) == nil) }

    @Test(
        "Whatever may be a page's is refused",
        arguments: [
            "Origin: http://evil.example", "Origin: null", "Origin:", "origin: http://localhost:5561",
            "Host: localhost\nOrigin: http://localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
            "Sec-Fetch-Site:", "Sec-Fetch-Site: Same-Origin", "Sec-Fetch-Site: none\nSec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: none, cross-site", "Host: evil.example", "Host: evil.example:5561", "Host: a",
            "Host: localhost.evil.example", "Host: 127.0.0.1.evil.example", "Host: 127.1", "Host: 2130706433",
            "Host: 0x7f.0.0.1", "Host: 127.0.0.256", "Host: 1.2.3.4.5", "Host: 1.2.3.", "Host: 1..2.3",
            "Host: evil.example:80:80", "Host: localhost:x", "Host: localhost@evil.example", "Host: [evil.example]",
            "Host: [::1", "Host: [::1]evil", "Host: localhost\nHost: evil.example", "Host: localhost\nHost: localhost",
            "Host: ::1", "Host: .", "Host: :5561", "Host: localhost..", "Host: grip-proxy", "Host: LOCAL\u{8}OST",
        ]
    )
    func refused(lines: String) throws { #expect(try Self.status(lines) == 403) }

    @Test("Configured names may, whatever the case of their letters and with any port")
    func names() throws {
        for host in ["grip-proxy", "GRIP-Proxy:5561", "grip.svc.cluster.local", "grip.svc.cluster.local.:1"] {
            #expect(try Self.status("Host: \(host)", Self.named) == nil, "\(host)")
        }
        for host in ["grip-proxy.evil.example", "svc.cluster.local", "grip", "x.grip-proxy"] {
            #expect(try Self.status("Host: \(host)", Self.named) == 403, "\(host)")
        }
        #expect(try Self.status("Host: grip-proxy\nOrigin: http://grip-proxy", Self.named) == 403)
    }

    @Test("All names, and any Host on a socket file, but no page")
    func anyHost() throws {
        for access in [ControlAccess(names: ["*"]), ControlAccess(isSocketFile: true)] {
            let api = ControlAPI(token: nil, access: access, maximumBody: 100)
            for host in ["evil.example", "%2Ftmp%2Fsocket", "/tmp/socket", ""] {
                #expect(try Self.status("Host: \(host)", api) == nil)
            }
            #expect(try Self.status("Origin: null", api) == 403)
            #expect(try Self.status("Sec-Fetch-Site: cross-site", api) == 403)
        }
    }

    @Test("With a token nothing of it counts, because no page knows the token")
    func token() throws {
        let api = ControlAPI(token: "secret", maximumBody: 100)
        let head = try Self.head("Authorization: Bearer secret\nHost: x.example\nOrigin: http://y.example")
        #expect(api.check(head) == .readBody(0))
    }

    @Test("The answer says what is wrong, and the connection ends where a body may follow")
    func answer() throws {
        func response(_ fields: HTTPFields) -> ControlResponse? {
            let head = ControlHead(method: .post, target: "/publish", fields: fields)
            guard case .respond(let response) = ControlAPI.open.check(head) else { return nil }
            return response
        }
        let page = try #require(response([.origin: "http://evil.example", .contentLength: "5"]))
        #expect(
            page.text == "Forbidden: The control API is not for web pages, and this request has the header Origin.\n"
        )
        #expect(page.closesConnection)
        // A body of unknown length is no reason to tell a page anything else.
        #expect(response([.origin: "null", .transferEncoding: "chunked"])?.code == 403)
        #expect(response([.origin: "null"])?.code == 403)
        let name = try #require(HTTPField.Name("Host"))
        let rebound = try #require(response([name: "evil.example", .contentLength: "0"]))
        #expect(
            rebound.text
                == "Forbidden: The control API is not known under the name in Host; add it to controlHosts.\n"
        )
        #expect(!rebound.closesConnection)
    }

    @Test("What only browsers send is left to the decoder; a Host is read as the decoder's is")
    func plain() throws {
        func plain(_ line: String) -> PlainControlHead? {
            PlainControlHead(
                ByteBuffer(string: "POST /publish HTTP/1.1\r\n\(line)Content-Length: 0\r\n\r\n"),
                limit: 1000
            )
        }
        for line in ["Origin: null\r\n", "ORIGIN:\r\n", "Sec-Fetch-Site: none\r\n", "Host: a\r\nhost: a\r\n"] {
            #expect(plain(line) == nil)
        }
        for host in ["localhost:5561", "127.0.0.1", "[::1]:1", "evil.example", "", "x:y", "grip-proxy."] {
            let head = try #require(plain("Host: \(host)\r\n")?.head)
            let name = try #require(HTTPField.Name("Host"))
            #expect(head.sender == ControlHead(method: .post, target: "/", fields: [name: host]).sender, "\(host)")
        }
        #expect(ControlAPI.open.check(try #require(plain("")?.head)) == .readBody(0))
        #expect(ControlAPI.open.check(try #require(plain("Host: evil.example\r\n")?.head)) != .readBody(0))
    }
}
