import Foundation
import Testing

/// The scripts that hold many clients on the proxy, with less of everything than by hand.
@Suite("Many clients of the proxy", .needsPython, .serialized, .timeLimit(.minutes(10)))
struct EnduranceTests {
    private static let scripts = PythonEnvironment.packageRoot.appendingPathComponent("scripts", isDirectory: true)

    private func run(_ script: String, _ arguments: [String]) async throws {
        let path = Self.scripts.appendingPathComponent(script).path
        let arguments = [path] + arguments + [GripCommand.path]
        // It ends the proxy and the origin itself, and has to be given the time.
        try await withChildProcess(Peers.python.path(), arguments, grace: .seconds(45)) { child in
            let status = try await child.waitForExit(within: .seconds(400))
            #expect(status == 0, "\(script) failed:\n\(child.output)")
        }
    }

    @Test("Nobody is lost and nothing is missed while the origin is killed again and again")
    func chaos() async throws {
        try await self.run("chaos", ["--quick", "--seed", "1"])
    }

    @Test("Everybody has everything while a server of NATS, an instance and then all of them fail", .needsNATS)
    func instances() async throws {
        try await self.run("chaos-instances", ["--seconds", "1", "--seed", "1"])
    }

    @Test("The proxy does not grow while clients come and go")
    func soak() async throws {
        let size = ["--seconds", "30", "--streams", "100", "--web-sockets", "40", "--polls", "10"]
        try await self.run("soak", size + ["--changes", "20", "--seed", "1"])
    }
}
