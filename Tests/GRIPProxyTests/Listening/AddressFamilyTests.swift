import NIOCore
import NIOPosix
import Testing

@testable import GRIPProxy

@Suite("Hosts of several addresses", .timeLimit(.minutes(5)))
struct AddressFamilyTests {
    /// The addresses of loopback that this machine has.
    private static func loopback(port: Int) async throws -> [SocketAddress] {
        var addresses: [SocketAddress] = []
        for address in try ["127.0.0.1", "::1"].map({ try SocketAddress(ipAddress: $0, port: port) }) {
            do {
                let probe = try SocketAddress(ipAddress: address.ipAddress ?? "", port: 0)
                let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(to: probe)
                    .get()
                try await channel.close()
                addresses.append(address)
            } catch  where HostAddresses.isAbsent(error) {}
        }
        return addresses
    }

    @Test("All addresses are those of both families, a name has all of its own", arguments: ["*", "localhost"])
    func families(host: String) async throws {
        try await withProxy {
            $0.listeners = [.tcp(host: host, port: 0)]
            $0.controlListeners = [.tcp(host: host, port: 0)]
            $0.routes = ["* test"]
        } _: { running in
            for (addresses, target) in [(running.clients, "/"), (running.control, "/metrics")] {
                let port = try #require(addresses[0].port)
                #expect(addresses.allSatisfy { $0.port == port })
                let expected = try await Self.loopback(port: port)
                #expect(addresses.count == expected.count)
                for address in expected {
                    try await withConnection(to: address, on: running.group) { client in
                        try await client.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        #expect(try await client.response()?.code == 200, "\(address)")
                    }
                }
            }
        }
    }

    @Test("A control API at all addresses does not have all names")
    func names() async throws {
        try await withProxy {
            $0.controlListeners = [.tcp(host: "*", port: 0)]
        } _: { running in
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: running.control[0].port ?? 0)
            try await withConnection(to: address, on: running.group) { publisher in
                try await publisher.send("GET /metrics HTTP/1.1\r\nHost: rebound.example\r\n\r\n")
                #expect(try await publisher.response()?.code == 403)
            }
        }
    }

    @Test("A port that is taken for one family is taken", arguments: ["127.0.0.1", "::1"])
    func taken(family: String) async throws {
        guard try await Self.loopback(port: 0).contains(where: { $0.ipAddress == family }) else { return }
        try await withProxy {
            $0.listeners = [.tcp(host: family, port: 0)]
        } _: { running in
            let port = try #require(running.clients[0].port)
            let error = await #expect(throws: GRIPListenError.self) {
                try await withProxy {
                    $0.listeners = [.tcp(host: "localhost", port: port)]
                } _: { _ in
                }
            }
            #expect(error?.reason.contains("Address already in use") == true)
        }
    }

    @Test("A name that has no address is named")
    func unknownName() async throws {
        let error = await #expect(throws: GRIPListenError.self) {
            try await withProxy {
                $0.listeners = [.tcp(host: "no-such-host.invalid", port: 0)]
            } _: { _ in
            }
        }
        #expect(error?.description.contains("no-such-host.invalid:0: the name cannot be resolved: ") == true)
    }

    @Test("An address that the machine does not have is no reason to listen nowhere")
    func absentAddress() async throws {
        let error = await #expect(throws: GRIPListenError.self) {
            try await withProxy {
                $0.listeners = [.tcp(host: "192.0.2.1", port: 0)]
            } _: { _ in
            }
        }
        #expect(error?.reason.contains("give an address that this machine has, or * for all") == true)
    }
}
