import GRIP
import HTTPTypes

extension Route {
    private static let options = [
        "path_beg", "proto", "ssl", "id", "prefix", "path_rem", "replace_beg", "as_host", "sig_iss", "sig_key",
        "header", "debug", "no_grip", "aco", "jsonp_mode", "jsonp_cb", "jsonp_body", "jsonp_defcb",
        "jsonp_defmethod", "log_level",
    ]
    private static let unsupportedOptions = ["sockjs", "sockjs_as_path", "session", "orig_headers"]

    /// Understands a line that has at least one section.
    ///
    /// - Returns: The route, or nothing when the reader has found errors.
    static func parse(_ line: RouteLine, reader: inout RouteOptionReader) -> Route? {
        guard let section = line.sections.first else { return nil }
        var route = Route(line: reader.line, condition: .init(host: .any), targets: [])
        switch section.value {
        case "": route.condition.host = .none
        case "*": break
        default:
            if let host = Self.host(section.value) {
                route.condition.host = .name(host)
                if !Self.canBeHost(host) {
                    let advice = "hosts are compared letter by letter; name each one, or write '*' for all"
                    reader.warn(
                        section.column,
                        "no request has the host \(reader.quoted(section.value, at: section.column)): \(advice)"
                    )
                }
            } else {
                reader.fail(
                    section.column,
                    "\(reader.quoted(section.value, at: section.column)) is not a host name without port"
                )
            }
        }
        reader.startSection()
        for option in section.properties { route.read(option, reader: &reader) }
        if route.condition.host == .none, route.id == nil {
            reader.warn(section.column, "a route with neither host nor id is never used")
        }
        if line.sections.count == 1 { reader.fail(section.column, "a route needs a target") }
        for section in line.sections.dropFirst() {
            reader.startSection()
            if let target = RouteTarget.parse(section, reader: &reader) { route.targets.append(target) }
        }
        return reader.hasErrors ? nil : route
    }

    private static func host(_ text: String) -> String? {
        let isBareIPv6 = text.utf8.count(where: { $0 == UInt8(ascii: ":") }) > 1 && !text.hasPrefix("[")
        guard let authority = RouteAuthority(isBareIPv6 ? "[\(text)]" : text), authority.port == nil else { return nil }
        return authority.host
    }

    /// Whether a host is more than a pattern that somebody hopes is one: a name, or an IPv6 address.
    private static func canBeHost(_ host: String) -> Bool {
        host.utf8.first != UInt8(ascii: ".")
            && host.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "-._:%".utf8.contains(byte)
            }
    }

    private mutating func read(_ option: RouteLine.Property, reader: inout RouteOptionReader) {
        if option.name != "header" { reader.once(option) }
        switch option.name {
        case "path_beg": self.condition.pathPrefix = reader.text(option) ?? ""
        case "proto": self.condition.transport = reader.choice(option, ["http": .http, "ws": .webSocket])
        case "ssl": self.condition.isSecure = reader.choice(option, ["yes": true, "no": false])
        case "id": self.id = reader.text(option)
        case "prefix": self.channelPrefix = option.value ?? ""
        case "path_rem": self.change(reader.number(option).map { .remove($0) }, option, reader: &reader)
        case "replace_beg": self.change(.replacePrefix(option.value ?? ""), option, reader: &reader)
        case "as_host": self.hostOverride = reader.authority(option)
        case "sig_iss": self.issuer = reader.text(option)
        case "sig_key": self.readKey(option, reader: &reader)
        case "header": self.readHeader(option, reader: &reader)
        case "debug": self.isDebugging = reader.flag(option)
        case "no_grip": self.usesGRIP = !reader.flag(option)
        case "aco": self.allowsCrossOrigin = reader.flag(option)
        case "jsonp_mode", "jsonp_cb", "jsonp_body", "jsonp_defcb", "jsonp_defmethod":
            self.readJSONP(option, reader: &reader)
        case "log_level": self.logLevel = reader.number(option)
        default: reader.unknown(option, known: Self.options, unsupported: Self.unsupportedOptions)
        }
    }

    private mutating func change(
        _ change: PathChange?,
        _ option: RouteLine.Property,
        reader: inout RouteOptionReader
    ) {
        switch (self.pathChange, change) {
        case (.remove, .replacePrefix), (.replacePrefix, .remove):
            reader.tolerate(
                option.column,
                "'path_rem' and 'replace_beg' exclude each other",
                "'replace_beg' is the one that counts"
            )
            if case .remove = change { return }
        default: break
        }
        if change != nil { self.pathChange = change }
    }

    private mutating func readKey(_ option: RouteLine.Property, reader: inout RouteOptionReader) {
        guard let text = reader.text(option) else { return }
        if text.hasPrefix("file:") {
            self.key = .file(KeyFile(String(text.dropFirst("file:".count))))
            return
        }
        do throws(GRIPError) {
            self.key = .key(try GRIPKey(text))
        } catch {
            reader.fail(option.column, "'sig_key' is not a key")
        }
    }

    private mutating func readHeader(_ option: RouteLine.Property, reader: inout RouteOptionReader) {
        guard let text = reader.text(option) else { return }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? String(parts[1].trimmingASCIIWhitespace()) : ""
        guard let name = HTTPField.Name(String(parts[0].trimmingASCIIWhitespace())), HTTPField.isValidValue(value)
        else {
            reader.fail(option.column, "'header' needs a header's name, a colon and a value")
            return
        }
        self.headers.append(Header(name: name, value: value))
    }

    private mutating func readJSONP(_ option: RouteLine.Property, reader: inout RouteOptionReader) {
        var jsonp = self.jsonp ?? JSONP()
        switch option.name {
        case "jsonp_mode":
            jsonp.mode = reader.choice(option, ["basic": .basic, "extended": .extended]) ?? jsonp.mode
        case "jsonp_cb": jsonp.callbackParameter = reader.text(option)
        case "jsonp_body": jsonp.bodyParameter = reader.text(option)
        case "jsonp_defcb": jsonp.defaultCallback = reader.text(option)
        default:
            guard let text = reader.text(option) else { return }
            jsonp.defaultMethod = HTTPRequest.Method(text)
            if jsonp.defaultMethod == nil {
                reader.fail(option.column, "\(reader.quoted(text, at: option.column)) is not a method")
            }
        }
        self.jsonp = jsonp
    }
}
