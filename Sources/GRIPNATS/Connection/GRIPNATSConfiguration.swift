/// Where the servers are, and how a connection to them is kept.
public struct GRIPNATSConfiguration: Sendable {
    /// The servers, one or more; one of them is connected to at a time.
    public var servers: [GRIPNATSServer]

    /// How the client shows servers who it is; where this is `nil`, with what a server's URL says.
    public var credentials: GRIPNATSCredentials?

    /// How TLS is established where a URL says `tls://` or a server wants it.
    public var tls = GRIPNATSTLS()

    /// The name that servers show for the connection.
    public var name: String?

    /// Whether the connection's own messages come back to its subscriptions.
    public var receivesOwnMessages = true

    /// How much time there is for a connection, and again until the server has taken the credentials.
    public var connectTimeout: Duration = .seconds(5)

    /// How often the server is asked for a sign of life.
    public var pingInterval: Duration = .seconds(10)

    /// How many pings may go unanswered before the connection counts as lost.
    public var maximumUnansweredPings = 2

    /// The pause after all servers have been tried in vain, which doubles from time to time.
    ///
    /// It is also the longest time by which the first attempt after a loss is put off at random, so that not all clients of
    /// a server come back at the same moment.
    public var firstReconnectDelay: Duration = .milliseconds(100)

    /// The longest pause between attempts.
    public var longestReconnectDelay: Duration = .seconds(5)

    /// Whether servers are tried in random order, so that the clients of a cluster spread over it.
    public var triesServersInRandomOrder = true

    /// Whether servers that the connected one names are used beside those of the configuration.
    public var usesDiscoveredServers = true

    /// How many bytes may wait to be sent, in bytes; messages beyond are refused.
    public var outboundLimit = 8_388_608

    /// How many bytes of messages may wait for a connection.
    ///
    /// With 0, which is the default, messages are refused while there is no connection, so that the publisher knows. With
    /// more, they are kept and sent when there is one, which may be much later; when the process ends first, they are lost
    /// without a word.
    public var disconnectedLimit = 0

    /// The largest message that is taken, in bytes; larger ones are skipped, and told of by
    /// ``GRIPNATSEvent/messageSkipped(byteCount:)``.
    public var receivedMessageLimit = 67_108_864

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - servers: The servers.
    ///   - credentials: How the client shows servers who it is.
    public init(servers: [GRIPNATSServer], credentials: GRIPNATSCredentials? = nil) {
        self.servers = servers
        self.credentials = credentials
    }

    /// Makes a configuration of URLs.
    ///
    /// - Parameters:
    ///   - url: One or more URLs with commas between them; see ``GRIPNATSServer/list(_:)``.
    ///   - credentials: How the client shows servers who it is.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/url``.
    public init(url: String, credentials: GRIPNATSCredentials? = nil) throws(GRIPNATSError) {
        self.init(servers: try GRIPNATSServer.list(url), credentials: credentials)
    }
}
