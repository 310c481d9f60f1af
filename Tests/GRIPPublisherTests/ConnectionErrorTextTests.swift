import GRIPPublisher
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@Suite("What is said of connections that cannot be made", .timeLimit(.minutes(1)))
struct ConnectionErrorTextTests {
    private static func text(host: String, port: Int) async throws -> String {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: host, port: port).get()
            try await channel.close()
            return "connected"
        } catch {
            return String(connectionError: error, to: "\(host):\(port)")
        }
    }

    @Test("A refused connection names the address", arguments: ["127.0.0.1", "localhost"])
    func refused(host: String) async throws {
        let text = try await Self.text(host: host, port: 1)
        #expect(text.contains("127.0.0.1:1: connection refused"), "\(text)")
        #expect(!text.contains("errno"))
    }

    @Test("A host that is not known is named")
    func unknownHost() async throws {
        #expect(try await Self.text(host: "nowhere.invalid", port: 1) == "cannot resolve 'nowhere.invalid'")
    }

    @Test("So is one that an address was wanted of")
    func unknownAddress() {
        let error = #expect(throws: SocketAddressError.UnknownHost.self) {
            try SocketAddress.makeAddressResolvingHost("nowhere.invalid", port: 1)
        }
        if let error { #expect(String(connectionError: error, to: "a:1") == "cannot resolve 'nowhere.invalid'") }
    }

    @Test("Errors of types that nobody knows are told in words")
    func others() {
        let errors: [(any Error, String)] = [
            (ChannelError.connectTimeout(.seconds(2)), "a:1: no connection within 2.0 seconds"),
            (ChannelError.eof, "a:1: the connection was closed"),
            (SocketAddressError.unixDomainSocketPathTooLong, "a:1: the path of the socket is too long"),
            (NIOSSLExtraError.failedToValidateHostname, "a:1: the server's certificate is for another name"),
            (NIOSSLError.uncleanShutdown, "a:1: TLS failed: the connection was closed during the handshake"),
        ]
        for (error, text) in errors { #expect(String(connectionError: error, to: "a:1") == text) }
    }
}
