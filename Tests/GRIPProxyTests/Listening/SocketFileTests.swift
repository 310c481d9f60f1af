import Foundation
import GRIPProxy
import NIOCore
import NIOPosix
import Testing

@Suite("Unix domain sockets", .timeLimit(.minutes(5)))
struct SocketFileTests {
    private static func withPath<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = "/tmp/grip-socket-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let result = await Swift.Result.catching { try await body("\(folder)/socket") }
        try FileManager.default.removeItem(atPath: folder)
        return try result.get()
    }

    private static func answers(_ running: ProxyScope, at path: String) async throws -> Int? {
        try await withConnection(to: SocketAddress(unixDomainSocketPath: path), on: running.group) { client in
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            return try await client.response()?.code
        }
    }

    /// Leaves a socket as a program that was killed does.
    private static func leaveSocket(at path: String) throws {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        let address = try SocketAddress(unixDomainSocketPath: path)
        try #require(address.withSockAddr { bind(descriptor, $0, socklen_t($1)) } == 0)
        try #require(listen(descriptor, 1) == 0)
        close(descriptor)
    }

    @Test("The socket of a program that runs is refused and stays", arguments: [false, true])
    func live(isForPublishers: Bool) async throws {
        try await Self.withPath { path in
            try await withProxy {
                $0.listeners = [.unixDomainSocket(path: path)]
                $0.routes = ["* test"]
            } _: { running in
                let error = await #expect(throws: GRIPListenError.self) {
                    try await withProxy { configuration in
                        if isForPublishers {
                            configuration.controlListeners = [.unixDomainSocket(path: path)]
                        } else {
                            configuration.listeners = [.unixDomainSocket(path: path)]
                        }
                    } _: { _ in
                    }
                }
                #expect(
                    error?.reason == "Address already in use; give another one, or end the program that listens there"
                )
                let code = try await Self.answers(running, at: path)
                #expect(code == 200)
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("A socket that is left of a program is replaced, and the own one removed at the end")
    func stale() async throws {
        try await Self.withPath { path in
            try Self.leaveSocket(at: path)
            try await withProxy {
                $0.listeners = [.unixDomainSocket(path: path)]
                $0.routes = ["* test"]
            } _: { running in
                let code = try await Self.answers(running, at: path)
                #expect(code == 200)
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("The file of somebody else at the same path stays", arguments: [true, false])
    func replaced(isSocket: Bool) async throws {
        try await Self.withPath { path in
            try await withProxy {
                $0.listeners = [.unixDomainSocket(path: path)]
            } _: { _ in
                try FileManager.default.removeItem(atPath: path)
                if isSocket {
                    try Self.leaveSocket(at: path)
                } else {
                    try "mine".write(toFile: path, atomically: false, encoding: .utf8)
                }
            }
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("A file that is no socket is refused and stays")
    func noSocket() async throws {
        try await Self.withPath { path in
            try "mine".write(toFile: path, atomically: false, encoding: .utf8)
            let error = await #expect(throws: GRIPListenError.self) {
                try await withProxy {
                    $0.listeners = [.unixDomainSocket(path: path)]
                } _: { _ in
                }
            }
            #expect(error?.reason == "there is a file that is no socket; give another path, or remove the file")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        }
    }

    @Test("A start that fails later leaves no socket behind")
    func laterFailure() async throws {
        try await Self.withPath { path in
            await #expect(throws: GRIPListenError.self) {
                try await withProxy {
                    $0.listeners = [.unixDomainSocket(path: path), .tcp(host: "192.0.2.1", port: 0)]
                } _: { _ in
                }
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("Mode and group of the files are those of the settings")
    func permissions() async throws {
        try await Self.withPath { path in
            try await withProxy {
                $0.listeners = [.unixDomainSocket(path: path)]
                $0.controlListeners = [.unixDomainSocket(path: "\(path)-control")]
                $0.socketPermissions = GRIPSocketPermissions(mode: 0o666, user: "\(getuid())", group: "\(getgid())")
                $0.controlSocketPermissions = GRIPSocketPermissions(mode: 0o600)
            } _: { _ in
                let clients = try FileManager.default.attributesOfItem(atPath: path)
                let control = try FileManager.default.attributesOfItem(atPath: "\(path)-control")
                #expect(clients[.posixPermissions] as? Int == 0o666)
                #expect(clients[.groupOwnerAccountID] as? Int == Int(getgid()))
                #expect(control[.posixPermissions] as? Int == 0o600)
            }
        }
    }

    @Test("Publishers on a socket may call it by any name, as web pages cannot reach it")
    func controlName() async throws {
        try await Self.withPath { path in
            try await withProxy {
                $0.controlListeners = [.unixDomainSocket(path: path)]
            } _: { running in
                try await running.publisher { publisher in
                    try await publisher.send("GET /metrics HTTP/1.1\r\nHost: any.example\r\n\r\n")
                    #expect(try await publisher.response()?.code == 200)
                }
            }
        }
    }

    @Test("Of many that start at once on a stale socket one gets it")
    func race() async throws {
        try await Self.withPath { path in
            try Self.leaveSocket(at: path)
            let winners = await withTaskGroup(of: Bool.self) { group in
                let (finished, finish) = AsyncStream.makeStream(of: Void.self)
                for _ in 0..<6 {
                    group.addTask {
                        do {
                            return try await withProxy {
                                $0.listeners = [.unixDomainSocket(path: path)]
                            } _: { _ in
                                // The winner stays until the others have given up.
                                for await _ in finished {}
                                return true
                            }
                        } catch {
                            return false
                        }
                    }
                }
                var count = 0
                var losers = 0
                for await isWinner in group {
                    if isWinner { count += 1 } else { losers += 1 }
                    if losers == 5 { finish.finish() }
                }
                return count
            }
            #expect(winners == 1)
        }
    }
}
