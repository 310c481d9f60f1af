import Foundation
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

/// A `nats-server` on a loopback port, with a folder of its own.
final class NATSServerProcess: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Where Debian and Homebrew keep the program.
    static let path = ["/usr/sbin/nats-server", "/usr/local/bin/nats-server", "/opt/homebrew/bin/nats-server"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// With `CI` set a missing program is a failure and not a reason to skip.
    static let isUsable = path != nil || !(ProcessInfo.processInfo.environment["CI"] ?? "").isEmpty

    let port: Int
    let folder: URL
    private let arguments: [String]
    private let process = Mutex<(Process, Recorder<Int32>)?>(nil)

    private init(port: Int, folder: URL, arguments: [String]) {
        self.port = port
        self.folder = folder
        self.arguments = arguments
    }

    var url: String { "nats://127.0.0.1:\(self.port)" }

    var log: String {
        (try? String(contentsOf: self.folder.appending(path: "log"), encoding: .utf8)) ?? "no log"
    }

    /// Starts a server, and ends it when `body` is done.
    ///
    /// - Parameters:
    ///   - configuration: The content of its configuration file; `FOLDER` stands for the server's folder.
    ///   - files: Other files of that folder.
    static func run<Result>(
        _ configuration: String = "",
        files: [String: String] = [:],
        arguments: [String] = [],
        _ body: (NATSServerProcess) async throws -> Result
    ) async throws -> Result {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let folder = temporary.url
        for (name, content) in files {
            try content.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        let text = configuration.replacing("FOLDER", with: folder.path)
        try text.write(to: folder.appending(path: "server.conf"), atomically: true, encoding: .utf8)
        let server = NATSServerProcess(port: try await FreePort.next(), folder: folder, arguments: arguments)
        do {
            try await server.start()
            let result = try await body(server)
            try await server.kill()
            return result
        } catch {
            try await server.kill()
            throw error
        }
    }

    /// Starts it, again after it was killed, and returns when it accepts connections.
    func start() async throws {
        guard let path = Self.path else {
            throw Failure(description: "nats-server is not installed: apt-get install nats-server")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments =
            [
                "-c", self.folder.appending(path: "server.conf").path, "-a", "127.0.0.1", "-p", "\(self.port)", "-l",
                self.folder.appending(path: "log").path,
            ] + self.arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let exit = Recorder<Int32>()
        process.terminationHandler = { exit.record($0.terminationStatus) }
        try process.run()
        self.process.withLock { $0 = (process, exit) }
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            guard process.isRunning else { throw Failure(description: "nats-server has ended: \(self.log)") }
            do {
                let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(.milliseconds(500))
                    .connect(host: "127.0.0.1", port: self.port).get()
                return try await channel.close()
            } catch {
                guard ContinuousClock.now < deadline else {
                    throw Failure(description: "nats-server does not listen: \(self.log)")
                }
                // A foreign program does not tell when it listens; the pause only leaves it time to start.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Kills it as a machine that fails does, and returns when it is gone.
    func kill() async throws {
        let process = self.process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let (process, exit) = process else { return }
        if process.isRunning { _ = Foundation.kill(process.processIdentifier, SIGKILL) }
        _ = try await exit.wait { !$0.isEmpty }
    }

    /// Asks it to do something, as `nats-server --signal` does.
    func signal(_ signal: Int32) {
        guard let (process, _) = self.process.withLock({ $0 }) else { return }
        _ = Foundation.kill(process.processIdentifier, signal)
    }
}

/// Loopback ports nobody listens on.
enum FreePort {
    private static let handedOut = Mutex<Set<Int>>([])

    /// A port that is free now and that no other test of this run was given; it is from below the range that operating
    /// systems use for outgoing connections.
    static func next() async throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: 12_000..<20_000)
            guard Self.handedOut.withLock({ $0.insert(port).inserted }) else { continue }
            do {
                let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: port).get()
                try await channel.close()
            } catch is NIOConnectionError {
                return port
            }
        }
        throw NATSServerProcess.Failure(description: "no free port found in a thousand attempts")
    }
}

extension Trait where Self == ConditionTrait {
    static var needsNATS: Self {
        .enabled(if: NATSServerProcess.isUsable, "nats-server is not installed: apt-get install nats-server")
    }
}
