public import HTTPTypes

/// What a GRIP proxy says in the headers of a request to an origin.
///
/// These are claims: whether they can be believed depends on ``signature``, which only a holder of the key can check.
public struct GRIPRequest: Sendable, Hashable {
    /// The proxy's signed token (`Grip-Sig`), not yet verified.
    public var signature: String?
    /// What the proxy can do (`Grip-Feature`).
    public var features: Set<GRIPFeature> {
        get { GRIPFeature.parse(self.featureLines) }
        set { self.featureLines = newValue.isEmpty ? [] : [newValue.map(\.name).sorted().joined(separator: ", ")] }
    }
    /// How many channels a connection may have, as ``GRIPFeature/channels(_:)`` says it; `nil` where the proxy says nothing.
    public var channelLimit: Int? { GRIPFeature.channelLimit(in: self.featureLines) }
    /// Few handlers ask for features, and every proxied request has a dozen: they are read when asked for.
    private var featureLines: [String]
    /// By channel, the id of the last item that the client has seen (`Grip-Last`).
    public var lastIDs: [String: String]
    /// The WebSocket connection a WebSocket-over-HTTP request belongs to (`Connection-Id`).
    public var connectionID: String?
    /// The proxy's session of the client (`Grip-Session-Id`).
    public var sessionID: String?
    /// The meta of a WebSocket-over-HTTP connection (`Meta-*`), by name in lower case.
    public var meta: [String: String]

    /// Reads the headers of a request.
    ///
    /// Nothing in them is an error: what cannot be read counts as absent.
    ///
    /// - Parameter fields: The fields of the request.
    public init(fields: HTTPFields) {
        var signature: String?
        var connectionID: String?
        var sessionID: String?
        var features: [String] = []
        var lastIDs: [String] = []
        var meta: [String: String] = [:]
        // One pass, because most requests have nothing of all this. Where a header has one value, the first line counts.
        for field in fields {
            if field.name.isGRIP {
                switch field.name {
                case .gripSig: signature = signature ?? field.value
                case .gripSessionID: sessionID = sessionID ?? field.value
                case .gripFeature: features.append(field.value)
                case .gripLast: lastIDs.append(field.value)
                default: continue
                }
            } else if let name = field.name.metaName {
                meta[name] = field.value
            } else if field.name == .connectionID {
                connectionID = connectionID ?? field.value
            }
        }
        self.signature = signature.flatMap { $0.isEmpty ? nil : $0 }
        self.connectionID = connectionID.flatMap { $0.isEmpty ? nil : $0 }
        self.sessionID = sessionID.flatMap { $0.isEmpty ? nil : $0 }
        self.featureLines = features
        self.lastIDs = Self.lastIDs(lastIDs)
        self.meta = meta
    }

    /// Whether a request is one of WebSocket-over-HTTP.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - fields: The request's fields.
    /// - Returns: True for a `POST` of WebSocket events, whose media type is compared to the letter.
    public static func isWebSocketOverHTTP(method: HTTPRequest.Method, fields: HTTPFields) -> Bool {
        // A proxy signs whatever it passes on, and keeps clients from sending events of their own by this comparison
        // alone: first field, nothing trimmed, case counts. What is any wider lets them through with meta of their own.
        let types = fields[values: .contentType]
        return method == .post && !types.isEmpty
            && types.allSatisfy { $0.utf8.elementsEqual(WebSocketSession.contentType.utf8) }
    }

    private static func lastIDs(_ lines: [String]) -> [String: String] {
        var result: [String: String] = [:]
        // One header carries one channel, and Pushpin quotes nothing: a comma may be part of an unquoted id. Only
        // where a line has several complete elements is it a list.
        for line in lines {
            let elements = FieldParameters.elements(of: [line])
            let isList =
                elements.count > 1
                && elements.allSatisfy {
                    FieldParameters.parse(opaqueFirst: $0)?.parameters.first(named: "last-id") != nil
                }
            for element in isList ? elements : [Substring(line)] {
                guard let (name, parameters) = FieldParameters.parse(opaqueFirst: element), !name.isEmpty,
                    let id = parameters.first(named: "last-id")?.value
                else { continue }
                result[name] = id
            }
        }
        return result
    }

    /// Writes the headers a proxy adds to a request to an origin, in place of what a client may have sent.
    ///
    /// - Parameter fields: The fields of the request.
    public func write(to fields: inout HTTPFields) {
        fields.removeAll { $0.metaName != nil }
        fields[.gripLast] = nil
        fields[.gripSig] = self.signature
        fields[.gripFeature] =
            self.features.isEmpty ? nil : self.features.map(\.name).sorted().joined(separator: ", ")
        for (channel, id) in self.lastIDs.sorted(by: { $0.key < $1.key }) {
            let value = "\(channel); last-id=\(FieldParameters.encodeValue(id))"
            fields.append(HTTPField(name: .gripLast, value: value))
        }
        fields[.connectionID] = self.connectionID
        fields[.gripSessionID] = self.sessionID
        for (name, value) in self.meta.sorted(by: { $0.key < $1.key }) {
            guard let name = HTTPField.Name("Meta-\(name)") else { continue }
            fields[name] = value
        }
    }
}

extension GRIPRequest: CustomStringConvertible, CustomReflectable {
    /// What the proxy says; of the signature only whether there is one, because whoever has it can use it.
    public var description: String {
        let signature = self.signature == nil ? "none" : "(redacted)"
        let features = self.features.map(\.name).sorted().joined(separator: ", ")
        return "GRIPRequest(signature: \(signature), features: [\(features)], lastIDs: \(self.lastIDs), "
            + "connection: \(self.connectionID ?? "none"), meta: \(self.meta.keys.sorted()))"
    }

    /// A mirror without children, so that dumping a request does not print the signature.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
