import GRIP
public import GRIPPublisher

extension GRIPNATSConfiguration {
    /// Makes a configuration of the settings of a bus, and reads the files that they name.
    ///
    /// - Parameter bus: The settings; their `prefix` is not a part of this.
    /// - Throws: `GRIPBusConfigurationError`, which names the setting, for URLs that are not those of NATS, credentials that
    ///   cannot be used or exclude each other, and files that cannot be read.
    public init(_ bus: GRIPBusConfiguration) throws(GRIPBusConfigurationError) {
        self.init(servers: try Self.servers(of: bus), credentials: try Self.credentials(of: bus))
        self.tls = GRIPNATSTLS(
            certificateAuthorityFile: bus.certificateAuthorityFile,
            certificateFile: bus.certificateFile,
            keyFile: bus.keyFile,
            serverName: bus.serverName,
            startsAtOnce: bus.startsTLSAtOnce
        )
        try Self.check(self.tls)
        self.outboundLimit = try Self.positive(bus.waitingBytes, "busWaitingBytes")
        self.receivedMessageLimit = try Self.positive(bus.messageBytes, "busMessageBytes")
    }

    private static func servers(of bus: GRIPBusConfiguration) throws(GRIPBusConfigurationError) -> [GRIPNATSServer] {
        guard bus.isEnabled else {
            throw GRIPBusConfigurationError(key: "bus", reason: "has no URL; give nats://host:4222")
        }
        var servers: [GRIPNATSServer] = []
        for url in bus.urls {
            do throws(InvalidValue) {
                try BusURL.checkScheme(url.text)
            } catch {
                throw GRIPBusConfigurationError(key: "bus", reason: error.reason)
            }
            servers.append(try Self.checked("bus") { () throws(GRIPNATSError) in try GRIPNATSServer(url.text) })
        }
        return servers
    }

    /// What the settings say beside the URLs, or `nil` where they say nothing.
    private static func credentials(
        of bus: GRIPBusConfiguration
    ) throws(GRIPBusConfigurationError) -> GRIPNATSCredentials? {
        let given = [
            ("busUser", bus.user != nil), ("busToken", bus.token != nil), ("busSeed", bus.seed != nil),
            ("busCredentials", bus.credentialsFile != nil),
        ].filter(\.1).map(\.0)
        if given.count > 1 {
            throw GRIPBusConfigurationError(
                key: given[1],
                reason: "is set beside '\(given[0])'; a server is shown one of them, so set one"
            )
        }
        if let user = bus.user { return .user(user, password: bus.password ?? "") }
        guard bus.password == nil else {
            throw GRIPBusConfigurationError(key: "busPassword", reason: "is set without a user; set 'busUser' too")
        }
        if let token = bus.token { return .token(token) }
        if let seed = bus.seed {
            return try Self.checked("busSeed") { () throws(GRIPNATSError) in try .key(seed: seed) }
        }
        guard let file = bus.credentialsFile else { return nil }
        let text: String
        do throws(InvalidValue) {
            text = try SecretText.content(of: file, folder: nil)
        } catch {
            throw GRIPBusConfigurationError(key: "busCredentials", reason: error.reason)
        }
        return try Self.checked("busCredentials") { () throws(GRIPNATSError) in try GRIPNATSCredentials(file: text) }
    }

    /// Reads the files of TLS, so that a wrong one is found out at the start and not with the first connection.
    private static func check(_ tls: GRIPNATSTLS) throws(GRIPBusConfigurationError) {
        let authorities = GRIPNATSTLS(certificateAuthorityFile: tls.certificateAuthorityFile)
        _ = try Self.checked("busCaFile") { () throws(GRIPNATSError) in try authorities.context() }
        let key = tls.certificateFile == nil ? "busKeyFile" : "busCertificateFile"
        _ = try Self.checked(key) { () throws(GRIPNATSError) in try tls.context() }
    }

    private static func positive(_ value: Int, _ key: String) throws(GRIPBusConfigurationError) -> Int {
        guard value >= 1 else { throw GRIPBusConfigurationError(key: key, reason: "is less than 1") }
        return value
    }

    private static func checked<Value>(
        _ key: String,
        _ make: () throws(GRIPNATSError) -> Value
    ) throws(GRIPBusConfigurationError) -> Value {
        do throws(GRIPNATSError) {
            return try make()
        } catch {
            throw GRIPBusConfigurationError(key: key, reason: "cannot be used: \(error.reason)")
        }
    }
}
