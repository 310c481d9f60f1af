import ArgumentParser
import GRIPProxy
import GRIPPublisher

/// The command line of swift-grip.
@main
struct Grip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grip",
        abstract: "Realtime push over GRIP: a proxy and a publisher.",
        version: "0.1.0",
        subcommands: [ProxyCommand.self, PublishCommand.self]
    )

    private static let secretOptions = [
        "--control-token", "--sig-key", "--upstream-key", "--route", "--set", "--spec", "--user", "-u", "--header",
        "-H", "--bus",
    ]

    static func main() async {
        do {
            var command = try Self.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Self.end(error)
        }
    }

    /// Ends the process and says why, without the secrets that the command line may hold.
    private static func end(_ error: any Error) -> Never {
        let code = Self.exitCode(for: error)
        let redaction = CommandLineRedaction(
            Array(CommandLine.arguments.dropFirst()),
            secretOptions: Self.secretOptions
        )
        let message = redaction.redacted(Self.fullMessage(for: error))
        if !message.isEmpty { if code == .success { print(message) } else { StandardError.write(message) } }
        Self.exit(withError: code)
    }
}
