import Foundation
import GRIP
import GRIPEngine
import GRIPSignature
import Logging
import NIOPosix
import Testing

@testable import GRIPProxy

@Suite("Keys that routes name by a file")
struct RouteKeyFileTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Whether a key verifies the signature with which a request reached the origin.
    private static func isSigned(_ proxy: ProxyScope, by key: String) async throws -> Bool {
        let token = try #require(try await proxy.get()?.body)
        do {
            try GRIPSignatureVerifier(keys: [GRIPTrustedKey(try GRIPKey(key))]).verify(token)
            return true
        } catch is GRIPSignatureError {
            return false
        }
    }

    /// Runs a proxy whose only route has its key in a file.
    private static func withKeyFile(
        _ body: (_ proxy: ProxyScope, _ line: String, _ file: URL) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("grip-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let file = folder.appendingPathComponent("key")
        try "base64:Zmlyc3Q=".write(to: file, atomically: true, encoding: .utf8)
        try await TestOrigin.with([], "", adding: "Grip-Sig") { port in
            let line = "*,sig_key=file:key 127.0.0.1:\(port)"
            try await withProxy { configuration in
                configuration.routes = [GRIPRouteLine(line)]
                configuration.routesFolder = folder.path
            } _: { proxy in
                try await body(proxy, line, file)
            }
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test("They are read again with the routes")
    func reload() async throws {
        try await Self.withKeyFile { proxy, line, file in
            #expect(try await Self.isSigned(proxy, by: "first"))
            try "base64:c2Vjb25k".write(to: file, atomically: true, encoding: .utf8)
            #expect(try await Self.isSigned(proxy, by: "first"))
            await proxy.server.reload(routes: [GRIPRouteLine(line)])
            #expect(try await Self.isSigned(proxy, by: "second"))
        }
    }

    @Test("One that is gone or broken keeps the key that was read before", arguments: [nil, "nonsense", ""])
    func kept(content: String?) async throws {
        try await Self.withKeyFile { proxy, line, file in
            try FileManager.default.removeItem(at: file)
            if let content { try content.write(to: file, atomically: true, encoding: .utf8) }
            await proxy.server.reload(routes: ["# a comment", GRIPRouteLine(line)])
            #expect(try await Self.isSigned(proxy, by: "first"))
            try "base64:c2Vjb25k".write(to: file, atomically: true, encoding: .utf8)
            await proxy.server.reload(routes: [GRIPRouteLine(line)])
            #expect(try await Self.isSigned(proxy, by: "second"))
        }
    }

    @Test("The key of a file that no route names any more is not kept for one that names it later")
    func forgotten() async throws {
        try await Self.withKeyFile { proxy, line, file in
            await proxy.server.reload(routes: ["elsewhere test"])
            try FileManager.default.removeItem(at: file)
            await proxy.server.reload(routes: [GRIPRouteLine(line)])
            #expect(try await proxy.get()?.code == 502)
        }
    }

    @Test("A held connection has the key of its route for as long as it lasts")
    func held() throws {
        let signers = try RouteSigners(issuer: "a", key: nil, logger: Self.logger)
        let route = try #require(RouteFile.parse("*,sig_key=file:key test").routes.first)
        guard case .file(let file) = route.key else {
            Issue.record("The route has no key file.")
            return
        }
        signers.use([file: try GRIPKey("secret")])
        #expect(signers.knownFiles == ["key"])
        signers.use([:])
        #expect(signers.knownFiles == [])
        signers.forgetUnused()
        #expect(signers.token(for: route) != nil)
    }

    @Test("A key is forgotten with the last route that names its file")
    func released() throws {
        let signers = try RouteSigners(issuer: "a", key: nil, logger: Self.logger)
        func read() throws -> Route {
            let route = try #require(RouteFile.parse("*,sig_key=file:key test").routes.first)
            guard case .file(let file) = route.key else { return route }
            signers.use([file: try GRIPKey("secret")])
            return route
        }
        _ = try read()
        signers.use([:])
        signers.forgetUnused()
        let other = try #require(RouteFile.parse("*,sig_key=file:key test").routes.first)
        #expect(signers.token(for: other) == nil)
    }

    @Test("A route whose key was never read is left out")
    func neverRead() async throws {
        try await Self.withKeyFile { proxy, line, _ in
            await proxy.server.reload(routes: [GRIPRouteLine(line.replacing("file:key", with: "file:other"))])
            let response = try #require(try await proxy.get())
            #expect(response.code == 502)
        }
    }

    @Test(
        "At start a key that cannot be used is an error with its line",
        arguments: ["file:nothing", "file:bad", "{}"]
    )
    func start(key: String) throws {
        try withFiles(["bad": "nonsense"]) { folder throws in
            var configuration = GRIPProxyServerConfiguration()
            configuration.routes = ["# a comment", "*,sig_key=\"\(key)\" test"]
            configuration.routesFolder = folder
            let error = try #require(throws: GRIPProxyServerConfigurationError.self) {
                try GRIPProxyServer(configuration: configuration, logger: Self.logger)
            }
            #expect(error.key == "routes")
            #expect(error.reason.hasPrefix("line 2: 'sig_key' "))
        }
    }

    @Test("On a hangup the routes are used although a known key file is gone, and not with a new one that is not there")
    func hangup() throws {
        try withFiles(["routes": "*,sig_key=file:key test", "key": "00"]) { folder throws in
            let file = "\(folder)/routes"
            var (settings, problems) = ProxySettings.resolve([
                ConfigurationLayer(source: "test", texts: ["routesFile": file])
            ])
            #expect(problems.isEmpty)
            var follower = RoutesFollower(settings: settings, logger: Self.logger)
            try FileManager.default.removeItem(atPath: "\(folder)/key")
            #expect(follower.handle(.hangup) == ["*,sig_key=file:key test"])
            settings.configuration.routes = []
            try "*,sig_key=file:new test".write(toFile: file, atomically: true, encoding: .utf8)
            #expect(follower.handle(.hangup) == nil)
            try "01".write(toFile: "\(folder)/new", atomically: true, encoding: .utf8)
            #expect(follower.handle(.hangup) == ["*,sig_key=file:new test"])
            try FileManager.default.removeItem(atPath: "\(folder)/new")
            #expect(follower.handle(.hangup) == ["*,sig_key=file:new test"])
            problems = ProxySettings.resolve([ConfigurationLayer(source: "test", texts: ["routesFile": file])]).problems
            #expect(problems.count == 1 && problems.allSatisfy(\.isError))
        }
    }

    @Test("Without a file of routes, a hangup is for the key files of the routes that were given otherwise")
    func hangupWithoutFile() {
        var settings = ProxySettings()
        settings.configuration.routes = ["*,sig_key=file:key test"]
        var follower = RoutesFollower(settings: settings, logger: Self.logger)
        #expect(follower.handle(.tick) == nil)
        #expect(follower.handle(.hangup) == ["*,sig_key=file:key test"])
    }
}
