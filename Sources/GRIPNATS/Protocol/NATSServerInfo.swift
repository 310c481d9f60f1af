import GRIP
package import NIOCore

/// What a server says about itself, at the beginning of a connection and when something changes.
package struct NATSServerInfo: Sendable, Hashable {
    /// How many servers of a cluster are taken.
    package static let maximumServers = 1000

    package var id = ""
    package var name = ""
    package var version = ""
    /// How many bytes a message may have, headers and payload together.
    package var maximumPayload = 1_048_576
    package var supportsHeaders = false
    package var requiresTLS = false
    package var offersTLS = false
    package var requiresAuthorization = false
    /// What a key is to sign.
    package var nonce: String?
    /// Where the servers of the cluster are, as `host:port`.
    package var servers: [String] = []
    /// Whether the server is about to end its connections, one after the other.
    package var isLeaving = false
    package var clientID: Int?
    /// The client's address as the server sees it.
    package var clientAddress: String?

    package init() {}

    /// Reads what follows INFO.
    package init(parsing json: ByteBuffer) throws(NATSProtocolViolation) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: json)
        } catch {
            throw NATSProtocolViolation("the server's INFO is not JSON: \(error.reason)")
        }
        guard let object = value.object else { throw NATSProtocolViolation("the server's INFO is not a JSON object") }
        self.id = Self.text(object["server_id"]) ?? ""
        self.name = Self.text(object["server_name"]) ?? self.id
        self.version = Self.text(object["version"]) ?? ""
        self.supportsHeaders = object["headers"]?.bool ?? false
        self.requiresTLS = object["tls_required"]?.bool ?? false
        self.offersTLS = object["tls_available"]?.bool ?? false
        self.requiresAuthorization = object["auth_required"]?.bool ?? false
        self.isLeaving = object["ldm"]?.bool ?? false
        self.clientID = Self.integer(object["client_id"])
        self.clientAddress = Self.text(object["client_ip"])
        if let nonce = object["nonce"]?.string, !nonce.isEmpty { self.nonce = nonce }
        if let bytes = Self.integer(object["max_payload"]) {
            guard bytes > 0 else { throw NATSProtocolViolation("the server's max_payload is not a size") }
            self.maximumPayload = bytes
        }
        let servers = object["connect_urls"]?.array ?? []
        self.servers = servers.prefix(Self.maximumServers).compactMap(\.string)
    }

    private static func text(_ value: JSONValue?) -> String? {
        value?.string.map { LineExcerpt.text(of: $0.utf8) }
    }

    private static func integer(_ value: JSONValue?) -> Int? {
        if case .integer(let integer) = value { integer } else { nil }
    }
}
