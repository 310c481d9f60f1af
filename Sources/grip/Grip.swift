import ArgumentParser

/// The command line of swift-grip.
@main
struct Grip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grip",
        abstract: "Realtime push over GRIP: a proxy and a publisher."
    )
}
