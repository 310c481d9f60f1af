import ArgumentParser
import GRIP
import GRIPPublisher

/// `grip publish`.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish an item to a channel.",
        discussion: """
            Without --stream, --response or --ws the item is for all of them. A newline is added to what HTTP clients \
            get, unless --no-eol is given, the content is binary, or it comes from a file that ends with one.

            It goes to a proxy, or with --bus or GRIP_BUS to all instances that are on that bus.

            Exit codes: 0 the proxy took it, 1 the proxy refused it, 64 the command line is wrong, 65 the item is \
            wrong, 66 a file cannot be read, 69 the proxy cannot be reached.

            For example: grip publish test 'hello there'
            """
    )

    @Argument(help: "The channel.")
    var channel: String

    @Argument(help: "The content.")
    var text: String?

    @OptionGroup(title: "For whom") var formats: FormatOptions
    @OptionGroup(title: "Content") var content: ContentOptions
    @OptionGroup(title: "Instead of content") var action: ActionOptions
    @OptionGroup(title: "Item") var item: ItemOptions
    @OptionGroup(title: "Where to") var target: TargetOptions

    func validate() throws {
        let actions = [self.action.close, self.action.hint, self.action.refresh].count(where: { $0 })
        let hasContent = self.text != nil || self.content.file != nil
        if actions > 1 { throw ValidationError("--close, --hint and --refresh exclude each other") }
        if self.text != nil, self.content.file != nil {
            throw ValidationError("the content is given twice, as text and with --content")
        }
        if actions == 1, hasContent { throw ValidationError("--close, --hint and --refresh have no content") }
        let needsContent = self.content.webSocketType != .ping && self.content.webSocketType != .pong
        if actions == 0, !hasContent, needsContent {
            throw ValidationError("there is no content; give it as text or with --content")
        }
        if !self.action.close, self.action.closeCode != nil || self.action.closeReason != nil {
            throw ValidationError("--close-code and --close-reason need --close")
        }
        if self.action.closeReason != nil, self.action.closeCode == nil {
            throw ValidationError("--close-reason needs --close-code")
        }
        if self.content.binary, self.content.webSocketType == .text {
            throw ValidationError("a text message is not --binary")
        }
        if self.content.patch, self.content.binary || self.formats.stream || self.formats.webSocket {
            throw ValidationError("--patch is for responses only, and is text")
        }
        _ = try self.formatNames()
    }

    func run() async throws {
        let publication: GRIPPublication
        let destination: PublishDestination
        do {
            publication = GRIPPublication(try self.makeItem(), to: try GRIPChannel(self.channel))
            destination = try self.target.destination()
        } catch let error as GRIPError {
            StandardError.write("grip publish: \(error.reason)")
            throw ExitCode.badData
        } catch let error as PublishInputError {
            StandardError.write("grip publish: \(error.reason)")
            throw error.exitCode
        }
        let result = try await Self.publish(publication, to: destination)
        print("Published")
        for refusal in result.busRefusals.compactMap(\.busRefusal) {
            StandardError.write(
                "grip publish: clients of other instances do not get it, because the proxy's bus does not take it (\(refusal))"
            )
        }
    }

    private static func publish(
        _ publication: GRIPPublication,
        to destination: PublishDestination
    ) async throws -> GRIPPublishResult {
        do {
            return try await destination.publish(publication)
        } catch let error as GRIPPublishError {
            StandardError.write("grip publish: \(Self.text(of: error, advice: destination.advice))")
            throw Self.exitCode(of: error)
        } catch let error as GRIPError {
            StandardError.write("grip publish: \(error.reason)")
            throw ExitCode.badData
        }
    }

    /// What went wrong, and what to do about it.
    private static func text(of error: GRIPPublishError, advice: String) -> String {
        guard let outcome = error.result.failures.first, let failure = outcome.failure else { return error.reason }
        return "\(outcome.controlURI): \(failure)\(failure.code == .connection ? "; \(advice)" : "")"
    }

    private static func exitCode(of error: GRIPPublishError) -> ExitCode {
        if error.code == .itemTooLarge { return .badData }
        let codes = error.result.failures.compactMap { $0.failure?.code }
        let isUnreachable = codes.allSatisfy { [.connection, .timeout, .noAnswer].contains($0) }
        return isUnreachable && !codes.isEmpty ? .unavailable : .failure
    }
}
