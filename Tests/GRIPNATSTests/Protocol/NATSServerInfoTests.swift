import GRIPNATS
import NIOCore
import Testing

@Suite("What a server says about itself")
struct NATSServerInfoTests {
    private func parse(_ text: String) throws -> NATSServerInfo {
        try NATSServerInfo(parsing: ByteBuffer(string: text))
    }

    @Test func golden() throws {
        // As Debian's nats-server 2.9.10 says it.
        let info = try self.parse(
            #"{"server_id":"NAVM","server_name":"n1","version":"2.9.10","proto":1,"git_commit":"not set","go":"go1.19.8","#
                + #""host":"0.0.0.0","port":4222,"headers":true,"auth_required":true,"tls_required":true,"max_payload":2048,"#
                + #""client_id":5,"client_ip":"127.0.0.1","nonce":"qvhK","ldm":true,"#
                + #""connect_urls":["10.0.0.1:4222","[::1]:4223"],"cluster":"c"}"#
        )
        #expect(info.id == "NAVM" && info.name == "n1" && info.version == "2.9.10")
        #expect(info.maximumPayload == 2048 && info.supportsHeaders && info.requiresTLS && info.requiresAuthorization)
        #expect(info.nonce == "qvhK" && info.isLeaving && info.clientID == 5 && info.clientAddress == "127.0.0.1")
        #expect(info.servers == ["10.0.0.1:4222", "[::1]:4223"])
    }

    @Test func littleIsEnough() throws {
        let info = try self.parse("{}")
        #expect(info == NATSServerInfo())
        #expect(try self.parse(#"{"server_id":"N"}"#).name == "N")
        #expect(
            try self.parse(#"{"server_id":7,"headers":"yes","nonce":"","connect_urls":[1,null,"a:1"]}"#).servers == [
                "a:1"
            ]
        )
    }

    @Test(arguments: ["", "{", "[]", "null", "{\"max_payload\":0}", "{\"max_payload\":-1}", "{\"a\":\u{0}}"])
    func nonsense(text: String) { #expect(throws: NATSProtocolViolation.self) { try self.parse(text) } }

    @Test func serversAreBounded() throws {
        let servers = (0..<2000).map { "\"a:\($0)\"" }.joined(separator: ",")
        #expect(try self.parse("{\"connect_urls\":[\(servers)]}").servers.count == 1000)
    }
}
