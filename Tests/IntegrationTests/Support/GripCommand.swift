import Foundation

/// The command line of this package, as users run it.
struct GripCommand {
    /// How a run ended and what it wrote to its standard output and error.
    struct Outcome: Sendable {
        var status: Int32
        var output: String
    }

    /// Runs the program to its end, with an environment that configures nothing.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        directory: URL? = nil,
        input: String? = nil
    ) async throws -> Outcome {
        let environment = ["GRIP_URL": "", "GRIP_BUS": ""].merging(environment) { $1 }
        return try await withChildProcess(
            Self.path,
            arguments,
            environment: environment,
            directory: directory,
            input: input
        ) { process in
            let status = try await process.waitForExit(within: .seconds(60))
            return Outcome(status: status, output: process.output)
        }
    }

    static var path: String { Self.folder.appendingPathComponent("grip").path }

    /// Executables are built into the folder of the test bundle.
    static var folder: URL {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        let program = bundle ?? URL(fileURLWithPath: CommandLine.arguments[0])
        return program.deletingLastPathComponent()
    }
}
