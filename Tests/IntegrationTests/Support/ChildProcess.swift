import Foundation
import NIOCore
import NIOPosix

/// A program started by a test, and ended with everything it started when the test leaves its scope.
final class ChildProcess: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let name: String
    let processIdentifier: pid_t
    private let captured: CapturedOutput
    private let exit: Exit

    /// The last of what the program wrote to its standard output and error.
    var output: String { captured.text }
    var isRunning: Bool { exit.status == nil }

    fileprivate init(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String],
        _ directory: URL?,
        _ input: String?
    ) throws {
        let captured = CapturedOutput()
        let exit = Exit()
        let pipe = Pipe()
        let inputPipe = input.map { _ in Pipe() }
        let identifier: pid_t
        do {
            identifier = try Spawn.start(
                path,
                arguments,
                environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
                directory: directory,
                input: inputPipe?.fileHandleForReading,
                output: pipe.fileHandleForWriting
            )
        } catch {
            throw Failure(description: "\(path) cannot be started: \(error)")
        }
        Thread.detachNewThread { exit.record(Spawn.wait(for: identifier)) }
        // The end of the output would not be seen while this could still write.
        try pipe.fileHandleForWriting.close()
        captured.collect(from: pipe)
        if let inputPipe, let input {
            // Less than a pipe holds, so that this does not wait for the program to read.
            try inputPipe.fileHandleForReading.close()
            try inputPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try inputPipe.fileHandleForWriting.close()
        }
        self.name = URL(fileURLWithPath: path).lastPathComponent
        self.processIdentifier = identifier
        self.captured = captured
        self.exit = exit
    }

    /// Waits until something accepts connections on a loopback port.
    ///
    /// A foreign program does not tell when it listens, so that trying to connect is the only way to know; the
    /// pauses only keep the attempts from competing with the program's start.
    func waitUntilListening(port: Int, within limit: Duration = .seconds(60)) async throws {
        let deadline = ContinuousClock.now + limit
        while true {
            guard isRunning else {
                try await captured.waitForEnd()
                throw failure("ended before it listened on port \(port)")
            }
            do {
                let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connectTimeout(.milliseconds(500))
                    .connect(host: "127.0.0.1", port: port).get()
                try await channel.close()
                return
            } catch {
                guard ContinuousClock.now < deadline else {
                    throw failure("does not listen on port \(port) after \(limit): \(error)")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Waits until the program has written `text`.
    func waitForOutput(containing text: String, within limit: Duration = .seconds(60)) async throws {
        let found: Bool
        do {
            found = try await captured.waitForText(containing: text, within: limit)
        } catch is TimedOut {
            throw failure("did not write \"\(text)\" within \(limit)")
        }
        if !found { throw failure("ended without writing \"\(text)\"") }
    }

    /// Waits until the program ends by itself and gives its exit status; all it wrote is then in ``output``.
    func waitForExit(within limit: Duration) async throws -> Int32 {
        let status = try await exit.wait(within: limit)
        try await captured.waitForEnd()
        return status
    }

    /// An error that tells what the program wrote last.
    func failure(_ reason: String) -> Failure {
        Failure(description: "\(name) (process \(processIdentifier)) \(reason)\n--- its output ---\n\(output)")
    }

    /// Asks the program to end, and after `grace` ends it and what is left of its descendants by force.
    fileprivate func stop(grace: Duration) async {
        // Who descends from the program can only be told while it runs.
        let tree = RunningProcess.tree(of: processIdentifier)
        if isRunning { kill(processIdentifier, SIGTERM) }
        do {
            _ = try await exit.wait(within: grace)
        } catch {
            kill(processIdentifier, SIGKILL)
        }
        for process in tree { process.signal(SIGKILL) }
        // The system ends them soon but not at once, and tells only their parents: it can but be asked.
        let deadline = ContinuousClock.now + grace
        while tree.contains(where: \.isRunning), ContinuousClock.now < deadline {
            do {
                try await Task.sleep(for: .milliseconds(5))
            } catch {
                return
            }
        }
    }
}

/// Runs a program for as long as `body` does; afterwards the program and all it started are gone, however `body` ended.
func withChildProcess<Result: Sendable>(
    _ path: String,
    _ arguments: [String] = [],
    environment: [String: String] = [:],
    directory: URL? = nil,
    input: String? = nil,
    grace: Duration = .seconds(5),
    _ body: (ChildProcess) async throws -> Result
) async throws -> Result {
    let child = try ChildProcess(path, arguments, environment, directory, input)
    let result: Swift.Result<Result, any Error>
    do {
        result = .success(try await body(child))
    } catch {
        result = .failure(error)
    }
    // A task of its own, as a cancelled one could not wait for the program to end.
    await Task { await child.stop(grace: grace) }.value
    return try result.get()
}
