import GRIP
import GRIPPublisher

extension ProxySetting {
    /// The bus between instances, whose variables applications have too.
    ///
    /// Whether a bus can be made of them is not known here: see ``ProxySettings/resolve(_:checkingBus:)``.
    package static let bus = Self.ofBus.map { $0.sharedWithApplications() }

    private static let ofBus: [ProxySetting] = [
        .busURLs.option("--bus"),
        .text("busPrefix", \.bus.prefix) { prefix throws(InvalidValue) in
            if prefix.isEmpty { throw InvalidValue("is empty; the instances of one application need one in common") }
        }.option("--bus-prefix"),
        .optionalText("busUser", \.bus.user) { _ throws(InvalidValue) in },
        .secret("busPassword", \.bus.password),
        .secret("busToken", \.bus.token),
        .secret("busSeed", \.bus.seed),
        .path("busCredentials", \.bus.credentialsFile).option("--bus-credentials"),
        .path("busCaFile", \.bus.certificateAuthorityFile),
        .path("busCertificateFile", \.bus.certificateFile),
        .path("busKeyFile", \.bus.keyFile),
        .optionalText("busServerName", \.bus.serverName) { _ throws(InvalidValue) in },
        .boolean("busTlsFirst", \.bus.startsTLSAtOnce),
        .bytes("busWaitingBytes", \.bus.waitingBytes),
        .bytes("busMessageBytes", \.bus.messageBytes),
        .instances,
    ]

    private static let busURLs = ProxySetting("bus", type: "URLs, secret", isList: true) { source, settings, setting in
        let texts = try source.values.list(setting.key, isSecret: true)
        guard !texts.isEmpty else { return }
        settings.bus.urls = texts.flatMap { GRIPBusConfiguration.urls(in: $0) }
    } check: { _ throws(InvalidValue) in
    } show: { _ in
        ""
    }

    private static let instances = ProxySetting("instances", type: "integer") { source, settings, setting in
        if let value = try source.values.int(setting.key, atLeast: 1) { settings.instances = value }
    } check: { settings throws(InvalidValue) in
        if let value = settings.instances { try Self.check(value, atLeast: 1) }
    } show: { settings in
        settings.instances.map(String.init) ?? ""
    }

    private static func secret(_ key: String, _ path: SettingPath<GRIPSecret?>) -> ProxySetting {
        ProxySetting(key, type: "text, secret") { source, settings, setting in
            guard let text = try source.values.string(setting.key, isSecret: true) else { return }
            settings[keyPath: path] = try SecretText.secret(text, folder: source.folder)
        } check: { _ throws(InvalidValue) in
        } show: { _ in
            ""
        }
    }

    private static func path(_ key: String, _ path: SettingPath<String?>) -> ProxySetting {
        ProxySetting(key, type: "path") { source, settings, setting in
            guard let text = try source.values.string(setting.key) else { return }
            settings[keyPath: path] = FileLocation.resolve(text, in: source.folder)
        } check: { _ throws(InvalidValue) in
        } show: { settings in
            settings[keyPath: path] ?? ""
        }
    }
}
