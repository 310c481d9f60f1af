import Foundation
import GRIPNATS
import NIOCore
import Testing

/// Our client of NATS beside Python's.
@Suite("nats-py", .needsNATS, .needsPython, .timeLimit(.minutes(5))) struct NATSPyTests {
    @Test func bothUnderstandEachOther() async throws {
        let port = try await FreePort.next()
        let url = "nats://127.0.0.1:\(port)"
        let python = try await PythonEnvironment.shared.interpreter()
        let script = PythonEnvironment.peersFolder.appendingPathComponent("nats_peer.py").path
        try await withChildProcess(Peers.nats.path(), ["-a", "127.0.0.1", "-p", "\(port)"]) { server in
            try await server.waitUntilListening(port: port)
            try await withChildProcess(python, [script, url]) { peer in
                try await peer.waitForOutput(containing: "ready")
                try await self.talk(url)
                #expect(try await peer.waitForExit(within: .seconds(30)) == 0)
            }
        }
    }

    private func talk(_ url: String) async throws {
        let connection = GRIPNATSConnection(try GRIPNATSConfiguration(url: url))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connection.run() }
            defer { group.cancelAll() }
            try await connection.waitUntilConnected()
            let texts = Mailbox<String>()
            connection.subscribe(to: "py.out") { texts.put(String(buffer: $0.payload)) }

            var headers = GRIPNATSHeaders()
            try headers.append("X-Colour", "blue")
            let answer = try await connection.request(ByteBuffer(string: "hello"), to: "py.echo", headers: headers)
            #expect(String(buffer: answer.payload) == "olleh")
            #expect(try answer.headers == headers)
            let large = ByteBuffer(repeating: 0x61, count: 900_000)
            #expect(try await connection.request(large, to: "py.echo").payload == large)

            // Names of channels as the bus encodes them.
            let subjects = try ChannelSubjects(prefix: "py.in")
            for name in ["room-1", "a b", "a.b", "*", ">", "\r\n", "é🚀", ""] {
                let subject = subjects.subject(of: name)
                try connection.publish(ByteBuffer(string: name), to: subject)
                #expect(try await texts.next(within: .seconds(30)) == "\(subject) \(name)")
            }
            try connection.publish(ByteBuffer(), to: "py.end")
            try await connection.flush()
        }
    }
}
