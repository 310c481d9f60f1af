import ArgumentParser
import GRIP
import GRIPProxy

/// Options for where a proxy listens.
struct ListeningOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where clients connect, as in 7999 or [::1]:7999; repeatable.", valueName: "[addr:]port")
    )
    var httpPort: [String] = []

    @Option(help: ArgumentHelp("Where publishers connect; repeatable.", valueName: "[addr:]port"))
    var controlPort: [String] = []

    @Option(
        help: ArgumentHelp(
            "The bearer token that publishers must send, or file:PATH. Others can see the command line.",
            valueName: "token"
        )
    )
    var controlToken: GRIPSecret?

    @Option(
        help: ArgumentHelp(
            "A name under which publishers reach the control API without a token, or *; repeatable.",
            valueName: "name"
        )
    )
    var controlHost: [String] = []

    @Option(help: ArgumentHelp("How many threads serve connections; one for each processor if 0.", valueName: "n"))
    var threads: String?
}

/// Options for where requests go.
struct RoutingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A line of a routes file; repeatable, replaces the file.", valueName: "line"))
    var route: [GRIPRouteLine] = []

    @Option(help: ArgumentHelp("A routes file, followed while the proxy runs.", valueName: "file"))
    var routes: String?
}

/// Options for signatures.
struct SigningOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The key that signs requests to origins, base64:DATA or file:PATH.", valueName: "key"))
    var sigKey: GRIPSecret?

    @Option(help: ArgumentHelp("Who signs requests to origins.", valueName: "issuer"))
    var sigIss: String?

    @Option(help: ArgumentHelp("The key of proxies whose signed requests are trusted.", valueName: "key"))
    var upstreamKey: GRIPSecret?
}

/// Options for the bus to other instances.
struct BusOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where the bus to other instances is, as in nats://host:4222; repeatable.", valueName: "url")
    )
    var bus: [GRIPSecret] = []

    @Option(help: ArgumentHelp("What the names of the bus begin with, the same for all instances.", valueName: "text"))
    var busPrefix: String?

    @Option(help: ArgumentHelp("A file with the credentials for the bus (.creds of NATS).", valueName: "file"))
    var busCredentials: String?
}

/// Options for where the configuration comes from.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A configuration file of JSON.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("A configuration file of Pushpin.", valueName: "file"))
    var pushpinConfig: String?

    @Option(help: ArgumentHelp("Any key, as in limits.connections=1000; repeatable.", valueName: "key=value"))
    var set: [GRIPSecret] = []

    @Flag(help: "Check configuration and routes, print what is wrong and do nothing else.")
    var check = false
}

/// Options for what people are told.
struct LoggingOptions: ParsableArguments {
    @Flag(help: "Tell clients what went wrong at the origin.")
    var debug = false

    @Option(
        help: ArgumentHelp("Write a line for each request to standard output: text or json.", valueName: "format")
    )
    var accessLog: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?
}
