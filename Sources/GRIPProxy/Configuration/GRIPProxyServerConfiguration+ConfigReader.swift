public import Configuration

extension GRIPProxyServerConfiguration {
    /// Reads a configuration.
    ///
    /// With the reader scoped to `grip.proxy`, the environment variable of the key `sigKey` is `GRIP_PROXY_SIG_KEY`. A
    /// value that is empty counts as absent. A string stands for an array: addresses are then separated by white space
    /// or commas, routes by line ends.
    ///
    /// Addresses are written `7999`, `*:7999`, `127.0.0.1:7999`, `[::1]:7999`, `name:7999` or `unix:/path`. Keys have the forms of `GRIPKey`,
    /// or are `file:` and the path of a file that holds a PEM block, a JSON Web Key, `base64:` and a secret, or a secret
    /// as hexadecimal digits. Numbers and times are at most 2,147,483,647.
    ///
    /// ## Keys
    /// - `listeners` (string array, default: `*:7999`): Where clients connect.
    /// - `controlListeners` (string array, default: `localhost:5561`): Where publishers connect.
    /// - `controlToken` (string, secret, optional): The bearer token that publishers must send, or `file:` and a path.
    /// - `controlHosts` (string array, default: none): The names under which publishers reach the control API, or `*`.
    /// - `socket.mode` (string, octal, optional): The mode of the clients' Unix domain sockets.
    /// - `socket.user` (string, optional): Who owns them, by name or number.
    /// - `socket.group` (string, optional): Their group, by name or number.
    /// - `controlSocket.mode` (string, octal, optional): The mode of the publishers' Unix domain sockets.
    /// - `controlSocket.user` (string, optional): Who owns them, by name or number.
    /// - `controlSocket.group` (string, optional): Their group, by name or number.
    /// - `routesFile` (string, optional): A file of routes, which is read now.
    /// - `routes` (string array, default: none): Routes, which win over those of `routesFile`.
    /// - `debug` (bool, default: false): Whether error bodies tell clients what went wrong at the origin.
    /// - `autoCrossOrigin` (bool, default: false): Whether each route adds the headers of cross-origin resource sharing.
    /// - `sigIss` (string, default: `pushpin`): Who signs the requests to origins.
    /// - `sigKey` (key, secret, optional): What signs the requests to origins.
    /// - `upstreamKey` (key, secret, optional): The key of the proxies whose signed requests are trusted.
    /// - `forwarding.protocolHeaders` (string, default: `proto`): `off`, `proto` or `both`.
    /// - `forwarding.acceptProtocol` (bool, default: false): Whether a proxy before this one is believed about TLS.
    /// - `forwarding.forwardedFor` (string, default: none): `truncate:` and a number, `append`, or both with a comma.
    /// - `forwarding.forwardedForTrusted` (string, default: none): The same for requests that a trusted proxy signed.
    /// - `forwarding.cdnLoop` (string, optional): This proxy's name in `CDN-Loop`.
    /// - `forwarding.acceptRouteHeader` (bool, default: false): Whether clients choose routes with `Pushpin-Route`.
    /// - `delivery.sequenceWaitMs` (int, milliseconds, default: 5,000): How long an item waits for the one before it.
    /// - `delivery.idLifetimeMs` (int, milliseconds, default: 60,000): How long an id is remembered.
    /// - `delivery.subscriptionLingerMs` (int, milliseconds, default: 60,000): How long a channel counts as subscribed
    ///   after its last long poll was answered.
    /// - `delivery.recoverySpreadMs` (int, milliseconds, default: 3,000): Over what time held connections look at their
    ///   origins after items of other instances may have been missed.
    /// - `delivery.updateOnFirstSubscription` (bool, default: true): Whether origins are asked again after a channel's
    ///   first subscription.
    /// - `limits.connections` (int, default: 50,000): Client connections.
    /// - `limits.subscriptionsPerConnection` (int, default: 20): Channels of one connection.
    /// - `limits.requestHead` (int, bytes, default: 16,384): The line and the headers of a request.
    /// - `limits.requestFields` (int, default: 128): Header lines of a request.
    /// - `limits.requestBodyRate` (int, default: 100): Bytes per second at which a body has to come at least.
    /// - `limits.rememberedBody` (int, bytes, default: 100,000): The body of a request that can be held.
    /// - `limits.instructedBody` (int, bytes, default: 100,000): The body of a response with instructions.
    /// - `limits.linkedPage` (int, bytes, default: 1,000,000): A page that a next link leads to.
    /// - `limits.linkedPages` (int, default: 1,000): Pages that follow each other in a stream without a hold.
    /// - `limits.linkFailures` (int, default: 6): Failures of a next link in a row, after which the stream ends.
    /// - `limits.originConnections` (int, default: 1,024): Connections to one origin server.
    /// - `limits.originQueue` (int, default: 20,000): Requests that wait for a connection to one origin server.
    /// - `limits.webSocketMessage` (int, bytes, default: 200,000): A WebSocket message, and what is under way to the
    ///   origin.
    /// - `limits.webSocketResponse` (int, bytes, default: 1,000,000): An origin's response with WebSocket events.
    /// - `limits.queuedBytes` (int, bytes, default: 1,000,000): What waits for a client that does not read.
    /// - `limits.queuedItems` (int, default: 100): Items that wait for a client while a page is fetched for it.
    /// - `limits.overflow` (string, default: `close`): `close` or `drop`.
    /// - `limits.controlHead` (int, bytes, default: 10,000): The line and the headers of a publish.
    /// - `limits.controlBody` (int, bytes, default: 1,000,000): The body of a publish.
    /// - `limits.controlConnections` (int, default: 128): Connections of publishers.
    /// - `limits.publishedBytes` (int, bytes, default: 64,000,000): What publishers have sent and clients' connections have
    ///   not got.
    /// - `limits.publisherDescriptors` (int, default: 8): The share of file descriptors kept for publishers, as a
    ///   divisor: 8 keeps an eighth. At least 4.
    /// - `limits.originDescriptors` (int, default: 8): The share kept for connections to origins, as a divisor. At least 4.
    /// - `limits.logLines` (int, default: 10): Lines of the log that say the same.
    /// - `limits.logIntervalMs` (int, milliseconds, default: 10,000): The time in which so many are written.
    /// - `limits.logText` (int, bytes, default: 256): A text of a client, an origin or a publisher in the log.
    /// - `limits.logQueue` (int, bytes, default: 1,000,000): What waits to be written to the log of `grip proxy`.
    /// - `timeouts.requestHeadMs` (int, milliseconds, default: 30,000): For the headers of a request.
    /// - `timeouts.requestBodyMs` (int, milliseconds, default: 60,000): Between two pieces of a request's body.
    /// - `timeouts.keepAliveMs` (int, milliseconds, default: 60,000): Between two requests on a connection.
    /// - `timeouts.originConnectMs` (int, milliseconds, default: 10,000): For a connection to an origin.
    /// - `timeouts.originResponseMs` (int, milliseconds, default: 60,000): For the head of an origin's response.
    /// - `timeouts.originBodyMs` (int, milliseconds, default: 60,000): Between two pieces of a response that is needed as
    ///   a whole.
    /// - `timeouts.originQueueMs` (int, milliseconds, default: 10,000): For a request to get a connection to an origin.
    /// - `timeouts.originIdleMs` (int, milliseconds, default: 1,500): How long an idle connection to an origin is kept.
    /// - `timeouts.originReuseMs` (int, milliseconds, default: 25): How long after its last response a connection takes a
    ///   request that must not be sent twice.
    /// - `timeouts.clientWriteMs` (int, milliseconds, default: 120,000): For a client to take what is written to it.
    /// - `timeouts.webSocketCloseMs` (int, milliseconds, default: 10,000): For the answer to a WebSocket's close.
    /// - `timeouts.webSocketPingMs` (int, milliseconds, default: 30,000): For the client of a WebSocket to send nothing before
    ///   it is sent a ping; 0 for no pings.
    /// - `timeouts.webSocketPongMs` (int, milliseconds, default: 30,000): How long the client may then take to send
    ///   anything.
    /// - `timeouts.deadClientMs` (int, milliseconds, default: 120,000): For the system of a client to acknowledge what is sent
    ///   to it; 0 leaves that to this system.
    /// - `timeouts.connectionAgeMs` (int, milliseconds, default: 0): The maximum age of a connection, give or take 10 %. The
    ///   proxy then ends it as its protocol provides. 0 for any age.
    /// - `timeouts.drainMs` (int, milliseconds, default: 5,000): Over what time a shutdown ends connections.
    /// - `timeouts.shutdownMs` (int, milliseconds, default: 30,000): When a shutdown is over.
    /// - `presence.lingerMs` (int, milliseconds, default: 15,000): How long a member stays after its last connection.
    /// - `presence.graceMs` (int, milliseconds, default: 10,000): How long the members of an instance that shuts down stay.
    /// - `presence.members` (int, default: 10,000): Members of one instance on one channel.
    /// - `presence.watchers` (int, default: 10,000): Those who watch.
    /// - `presence.watchedChannels` (int, default: 1,000): Channels that are watched.
    /// - `presence.instances` (int, default: 1,000): Other instances.
    /// - `presence.queuedChanges` (int, default: 1,024): Changes that wait for one who watches.
    /// - `presence.queuedDepartures` (int, default: 1,024): Departures that wait for the application.
    /// - `accessLog.format` (string, default: `off`): `off`, `text` or `json`.
    /// - `accessLog.query` (string, default: `off`): What the access log shows of queries: `off` or `names`.
    ///
    /// - Parameters:
    ///   - config: The reader, scoped to where the keys are.
    ///   - folder: What relative paths are relative to, or nothing for the working directory.
    /// - Throws: ``GRIPProxyServerConfigurationError``, which names the key, when a value is there and cannot be used, or
    ///   the file of routes cannot be read. Routes with mistakes are not found out here.
    public init(config: ConfigReader, folder: String? = nil) throws(GRIPProxyServerConfigurationError) {
        var settings = ProxySettings()
        if let problem = settings.apply(config, folder: folder).first { throw problem }
        try settings.loadRoutes()
        self = settings.configuration
    }

    /// Checks all values, as they may have been set in code.
    ///
    /// - Throws: ``GRIPProxyServerConfigurationError``, which names the key, for the first value that cannot be used.
    public func validate() throws(GRIPProxyServerConfigurationError) {
        let settings = ProxySettings(configuration: self)
        for setting in ProxySetting.all { try setting.validate(settings) }
    }
}
