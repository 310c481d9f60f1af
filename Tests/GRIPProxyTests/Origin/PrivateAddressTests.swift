import NIOCore
import NIOPosix
import Testing

@testable import GRIPProxy

@Suite("Addresses that untrusted targets must not have", .timeLimit(.minutes(5)))
struct PrivateAddressTests {
    @Test(
        "Private and internal addresses, also those that are written in others",
        arguments: [
            "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "0.0.0.0",
            "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fec0::1",
            "fc00::1", "fdab::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1",
            "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1",
            "64:ff9b::1:7f00:1",
            "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1", "100::1",
            "2001:0:7f00:1::", "2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:127.0.0.1", "1::1", "4000::1",
        ]
    )
    func isPrivate(address: String) throws {
        #expect(try SocketAddress(ipAddress: address, port: 80).isPrivate)
    }

    @Test(
        "Public ones",
        arguments: [
            "1.1.1.1", "172.32.0.1", "100.128.0.1", "192.1.0.1", "8.8.8.8", "2606:4700::1", "2a00:1450:4001::1",
            "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
        ]
    )
    func isPublic(address: String) throws {
        #expect(try !SocketAddress(ipAddress: address, port: 80).isPrivate)
    }

    @Test(
        "An untrusted target with a private address is never connected to, for requests and for WebSockets",
        arguments: ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"]
    )
    func unconnected(host: String) async throws {
        try await withOwnGroup { group in
            let (connections, source) = AsyncStream.makeStream(of: Void.self)
            let listener = try await ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    source.yield()
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let port = listener.localAddress?.port ?? 0
            try await withProxy {
                $0.routes = ["* \(host):\(port),untrusted"]
            } _: { proxy async throws in
                for (count, fields) in ["", OriginHandshake.fields].enumerated() {
                    #expect(try await proxy.get("/x", fields)?.code == 502)
                    let sample = "grip_proxy_origin_failures_total{reason=\"forbidden\"}"
                    #expect(try await proxy.metric(sample) == count + 1)
                }
            }
            source.finish()
            var count = 0
            for await _ in connections { count += 1 }
            #expect(count == 0)
        }
    }
}
