public import HTTPTypes

extension GRIPInstruction {
    /// Whether a response's fields make it a GRIP response: one has a name that begins with `Grip-`, or the type is
    /// `application/grip-instruct`.
    ///
    /// - Parameter fields: The fields of an origin's response.
    /// - Returns: True for a response that a proxy must interpret.
    public static func isPresent(in fields: HTTPFields) -> Bool {
        Self.isDocument(fields) || fields.contains(where: { $0.name.isGRIP })
    }

    /// Whether a response's body is the instruction.
    ///
    /// - Parameter fields: The fields of an origin's response.
    /// - Returns: True when the media type is `application/grip-instruct`.
    public static func isDocument(_ fields: HTTPFields) -> Bool {
        // Asked of each response: looking at the fields one by one costs less than having them joined.
        for field in fields where field.name == .contentType {
            return field.value.isMediaType("application/grip-instruct")
        }
        return false
    }

    /// Reads an instruction from `Grip-*` header fields, as a proxy does.
    ///
    /// What a peer may send is wider than what can be made here: a hold may lack channels, a name may have any
    /// characters, and what proxies ignore is ignored.
    ///
    /// - Parameter fields: The fields of an origin's response.
    /// - Throws: ``GRIPError`` naming the header that makes the instruction invalid.
    public init(fields: HTTPFields) throws(GRIPError) {
        var hold: GRIPHold?
        let timeout = try Self.timeout(fields)
        let keepAlive = try fields[values: .gripKeepAlive].first.flatMap { value throws(GRIPError) in
            try GRIPKeepAlive(headerValue: value)
        }
        if let value = fields[values: .gripHold].first {
            switch GRIPHold.Mode(rawValue: value) {
            case .response: hold = GRIPHold(mode: .response, timeout: timeout, keepAlive: nil)
            case .stream: hold = GRIPHold(mode: .stream, timeout: nil, keepAlive: keepAlive)
            case nil: throw GRIPError(.hold, "Grip-Hold is neither 'response' nor 'stream'")
            }
        }
        let links = try Self.links(fields)
        self.init(
            uncheckedHold: hold,
            channels: try Self.channels(fields),
            nextLink: links.next,
            goneLink: links.gone,
            status: try Self.status(fields),
            meta: Self.meta(fields),
            exposedHeaders: Self.exposedHeaders(fields)
        )
    }

    private static func timeout(_ fields: HTTPFields) throws(GRIPError) -> Duration? {
        guard let value = fields[values: .gripTimeout].first else { return nil }
        guard let seconds = FieldParameters.integer(value), seconds >= 0 else {
            throw GRIPError(.hold, "Grip-Timeout is not a number of seconds")
        }
        return .seconds(seconds)
    }

    private static func channels(_ fields: HTTPFields) throws(GRIPError) -> [GRIPChannel] {
        var channels: [GRIPChannel] = []
        for element in FieldParameters.elements(of: fields[values: .gripChannel]) {
            guard let (name, parameters) = FieldParameters.parse(opaqueFirst: element) else { continue }
            // `prev-id=` is an empty id; `prev-id=""` and a bare `prev-id` are none. Only the first one counts.
            var previousID: String?
            if let parameter = parameters.first(named: "prev-id"), let value = parameter.value {
                previousID = value.isEmpty && parameter.isQuoted ? nil : value
            }
            let filters = parameters.filter { $0.name == "filter" }.compactMap(\.value)
            guard filters.count <= GRIPChannel.maximumFilters else {
                throw GRIPError(.filter, "a channel has at most \(GRIPChannel.maximumFilters) filters")
            }
            channels.append(
                GRIPChannel(
                    unchecked: name,
                    previousID: previousID,
                    filters: filters.map(GRIPFilter.init(unchecked:)),
                    member: try Self.member(parameters)
                )
            )
        }
        return channels
    }

    private static func member(_ parameters: [FieldParameters.Parameter]) throws(GRIPError) -> GRIPMember? {
        guard let key = parameters.first(named: "member") else { return nil }
        return try GRIPMember(key.value ?? "", info: parameters.first(named: "member-info")?.value)
    }

    private static func links(_ fields: HTTPFields) throws(GRIPError) -> (next: GRIPLink?, gone: GRIPLink?) {
        var next: GRIPLink?
        var gone: GRIPLink?
        for element in FieldParameters.elements(of: fields[values: .gripLink]) {
            guard let (text, parameters) = FieldParameters.parse(opaqueFirst: element), !parameters.isEmpty else {
                continue
            }
            guard text.utf8.count > 2, text.hasPrefix("<"), text.hasSuffix(">") else {
                throw GRIPError(.link, "the URI of Grip-Link must stand between '<' and '>'")
            }
            var timeout: Duration?
            if let parameter = parameters.first(named: "timeout") {
                guard let seconds = FieldParameters.integer(parameter.value ?? ""), seconds >= 0 else {
                    throw GRIPError(.link, "the timeout of Grip-Link is not a number of seconds")
                }
                timeout = .seconds(seconds)
            }
            let uri = String(text.dropFirst().dropLast())
            guard !uri.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
                throw GRIPError(.link, "the URI of Grip-Link contains blanks or control characters")
            }
            switch parameters.first(named: "rel")?.value {
            case "next": next = GRIPLink(unchecked: uri, timeout: timeout)
            case "gone": gone = GRIPLink(unchecked: uri, timeout: nil)
            default: continue
            }
        }
        return (next, gone)
    }

    private static func status(_ fields: HTTPFields) throws(GRIPError) -> HTTPResponse.Status? {
        guard let value = fields[values: .gripStatus].first?.trimmingASCIIWhitespace(), !value.isEmpty else {
            return nil
        }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard let code = parts.first.flatMap({ FieldParameters.integer($0) }), (0...999).contains(code) else {
            throw GRIPError(.status, "Grip-Status does not begin with a code from 0 to 999")
        }
        return parts.count > 1
            ? HTTPResponse.Status(code: code, reasonPhrase: String(parts[1]))
            : HTTPResponse.Status(code: code)
    }

    private static func meta(_ fields: HTTPFields) -> [String: String] {
        var meta: [String: String] = [:]
        for element in FieldParameters.elements(of: fields[values: .gripSetMeta]) {
            // Only the first pair of each element counts.
            guard let first = FieldParameters.parse(element)?.first, !first.name.isEmpty else { continue }
            meta[first.name] = first.value ?? ""
        }
        return meta
    }

    private static func exposedHeaders(_ fields: HTTPFields) -> [HTTPField.Name]? {
        let lines = fields[values: .gripExposeHeaders]
        guard !lines.isEmpty else { return nil }
        return FieldParameters.elements(of: lines).compactMap { HTTPField.Name(String($0)) }
    }
}
