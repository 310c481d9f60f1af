extension RouteTarget {
    private static let options = [
        "over_http", "one_event", "ssl", "host", "insecure", "trust_connect_host", "untrusted", "sub",
    ]
    private static let unsupportedOptions = ["client_cert", "client_key", "ipc_file_mode"]

    static func parse(_ section: RouteLine.Section, reader: inout RouteOptionReader) -> RouteTarget? {
        guard let destination = Self.destination(section, reader: &reader) else { return nil }
        var target = RouteTarget(destination)
        for option in section.properties { target.read(option, reader: &reader) }
        return target
    }

    private static func destination(_ section: RouteLine.Section, reader: inout RouteOptionReader) -> Destination? {
        let value = section.value
        if value == "test" { return .test }
        if value.hasPrefix("zhttp/") || value.hasPrefix("zhttpreq/") {
            reader.fail(section.column, "targets over ZeroMQ are not supported")
            return nil
        }
        guard let authority = RouteAuthority(value) else {
            let quoted = reader.quoted(value, at: section.column)
            reader.fail(section.column, "\(quoted) is not a target; it is written host:port")
            return nil
        }
        guard let port = authority.port else {
            reader.fail(section.column, "target \(reader.quoted(value, at: section.column)) has no port")
            return nil
        }
        return .server(host: authority.host, port: port)
    }

    private mutating func read(_ option: RouteLine.Property, reader: inout RouteOptionReader) {
        if option.name != "sub" { reader.once(option) }
        switch option.name {
        case "over_http": self.usesWebSocketOverHTTP = reader.flag(option)
        case "one_event": self.sendsOneEvent = reader.flag(option)
        case "ssl": self.usesTLS = reader.flag(option)
        case "host": self.hostOverride = reader.authority(option)
        case "insecure": self.acceptsAnyCertificate = reader.flag(option)
        case "trust_connect_host": self.trustsConnectHost = reader.flag(option)
        case "untrusted": self.isUntrusted = reader.flag(option)
        case "sub": if let channel = reader.text(option) { self.subscriptions.append(channel) }
        default: reader.unknown(option, known: Self.options, unsupported: Self.unsupportedOptions)
        }
    }
}
