import ArgumentParser
import GRIP
import GRIPProxy

/// Options for whom an item is for.
struct FormatOptions: ParsableArguments {
    @Flag(help: "For stream holds (http-stream).")
    var stream = false

    @Flag(help: "For response holds (http-response).")
    var response = false

    @Flag(name: .customLong("ws"), help: "For WebSockets (ws-message).")
    var webSocket = false
}

/// Options for what an item does.
struct ActionOptions: ParsableArguments {
    @Flag(help: "Close streams and WebSockets.")
    var close = false

    @Flag(help: "Make the proxy ask again for whoever holds: something changed.")
    var hint = false

    @Flag(help: "Make the proxy send a request for each WebSocket-over-HTTP connection.")
    var refresh = false

    @Option(help: ArgumentHelp("The code that closed WebSockets see.", valueName: "code"))
    var closeCode: Int?

    @Option(help: ArgumentHelp("The reason that closed WebSockets see.", valueName: "text"))
    var closeReason: String?
}

/// Options for the content of an item.
struct ContentOptions: ParsableArguments {
    @Option(
        name: .customLong("content"),
        help: ArgumentHelp("Read the content from a file, - for standard input.", valueName: "file")
    )
    var file: String?

    @Flag(help: "The content is bytes, which are sent as they are.")
    var binary = false

    @Flag(help: "The content is a JSON patch of the held response (http-response only).")
    var patch = false

    @Flag(name: .customLong("no-eol"), help: "Do not end the content for HTTP with a newline.")
    var noEndOfLine = false

    @Option(
        name: .customLong("ws-type"),
        help: ArgumentHelp("The type of the message; else it follows from the content.", valueName: "type")
    )
    var webSocketType: MessageTypeOption?

    @Option(help: ArgumentHelp("The status of responses.", valueName: "status"))
    var code = 200

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("A header of responses; repeatable.", valueName: "name: value")
    )
    var header: [String] = []

    @Option(
        help: ArgumentHelp("A content filter that a subscription must have; repeatable.", valueName: "filter")
    )
    var contentFilter: [String] = []
}

/// Options for the item itself.
struct ItemOptions: ParsableArguments {
    @Option(help: "The item's id.")
    var id: String?

    @Option(name: .customLong("prev-id"), help: ArgumentHelp("The id of the item before it.", valueName: "id"))
    var previousID: String?

    @Option(help: ArgumentHelp("Who publishes; the sender's own clients can skip the item.", valueName: "user"))
    var sender: String?

    @Option(
        name: [.customShort("M"), .long],
        help: ArgumentHelp("What filters know about the item; repeatable.", valueName: "name=value")
    )
    var meta: [String] = []

    @Flag(name: .customLong("no-seq"), help: "Deliver at once, whatever the item before it.")
    var skipsSequencing = false
}

/// Options for where an item goes.
struct TargetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The GRIP URL of the proxy; else GRIP_URL, else http://localhost:5561.", valueName: "url")
    )
    var spec: GRIPSecret?

    @Option(
        help: ArgumentHelp(
            "The bus of the instances, in place of a proxy, as in nats://host:4222; else GRIP_BUS, where there is no GRIP_URL.",
            valueName: "url"
        )
    )
    var bus: GRIPSecret?

    @Option(help: ArgumentHelp("What the names of the bus begin with; else GRIP_BUS_PREFIX.", valueName: "text"))
    var busPrefix: String?

    @Option(
        name: [.customShort("u"), .long],
        help: ArgumentHelp("Basic authorization. Others can see the command line.", valueName: "user:password")
    )
    var user: GRIPSecret?
}

/// The types of WebSocket messages, as options name them.
enum MessageTypeOption: String, ExpressibleByArgument, CaseIterable {
    case text, binary, ping, pong
}
