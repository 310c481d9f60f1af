import ArgumentParser

/// The command line of swift-grip.
@main
struct Grip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grip",
        abstract: "Realtime push over GRIP: a proxy and a publisher.",
        version: "0.1.0",
        subcommands: [ProxyCommand.self, PublishCommand.self]
    )
}
