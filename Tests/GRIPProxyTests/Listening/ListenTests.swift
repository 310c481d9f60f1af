import Logging
import NIOCore
import NIOPosix
import Testing

@testable import GRIPProxy

@Suite("Addresses to listen on", .timeLimit(.minutes(5)))
struct ListenTests {
    @Test("An address that is taken is named, with what to do about it", arguments: [1, 2], [false, true])
    func taken(threads: Int, isForClients: Bool) async throws {
        try await withProxy { running in
            let port = try #require(running.clients[0].port)
            let taken = GRIPListener.tcp(host: "127.0.0.1", port: port)
            let error = await #expect(throws: GRIPListenError.self) {
                try await Self.run(on: taken, isForClients: isForClients, threads: threads)
            }
            #expect(error?.listener == taken)
            #expect(error?.description.hasPrefix("The proxy cannot listen on 127.0.0.1:\(port): ") == true)
            #expect(error?.reason.contains("; give another one") == true)
        }
    }

    @Test("New connections are spread over all event loops")
    func spread() async throws {
        let connectionCount = 64
        try await withProxy { running in
            for _ in 0..<connectionCount {
                try await running.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.response()?.code == 502)
                }
            }
            let counts = try await running.server.core.gather(on: running.group.any()) {
                $0.counters.connectionsOpened
            }.get()
            #expect(counts.count == 2)
            #expect(counts.reduce(0, +) == connectionCount)
            #expect(counts.allSatisfy { $0 > 0 })
        }
    }

    @Test("A port is free again when the proxy has ended")
    func again() async throws {
        let port = try await withProxy { running in
            try await running.client { client in
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await client.response()
            }
            return try #require(running.clients[0].port)
        }
        try await withProxy {
            $0.listeners = [.tcp(host: "127.0.0.1", port: port)]
        } _: { running in
            #expect(running.clients[0].port == port)
        }
    }

    @Test("A folder that is not there is named")
    func missingFolder() async throws {
        let missing = GRIPListener.unixDomainSocket(path: "/there/is/no/such/folder/socket")
        let error = await #expect(throws: GRIPListenError.self) { try await Self.run(on: missing) }
        #expect(error?.listener == missing)
    }

    @Test("Addresses are told as users write them")
    func description() async throws {
        try await withProxy {
            $0.listeners = [.tcp(host: "127.0.0.1", port: 0), .tcp(host: "127.0.0.1", port: 0)]
        } _: { running in
            let addresses = try await running.server.addresses
            let ports = (addresses.clients + addresses.control).compactMap(\.port)
            try #require(ports.count == 3)
            #expect(
                addresses.description
                    == "clients at 127.0.0.1:\(ports[0]), 127.0.0.1:\(ports[1]), publishers at 127.0.0.1:\(ports[2])"
            )
        }
    }

    /// Runs a proxy that cannot listen where it should.
    private static func run(on listener: GRIPListener, isForClients: Bool = false, threads: Int = 1) async throws {
        var configuration = GRIPProxyServerConfiguration()
        let free = GRIPListener.tcp(host: "127.0.0.1", port: 0)
        configuration.listeners = [isForClients ? listener : free]
        configuration.controlListeners = [isForClients ? free : listener]
        try await withOwnGroup(threads: threads) { group in
            let server = try GRIPProxyServer(
                configuration: configuration,
                eventLoopGroup: group,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
            try await server.run()
        }
    }
}
