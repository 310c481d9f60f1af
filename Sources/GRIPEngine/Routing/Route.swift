package import GRIP
package import HTTPTypes

/// A rule of a routes file: which requests it is for, what is done to them and where they go.
package struct Route: Sendable, Hashable {
    /// The hosts a route is for.
    package enum Host: Sendable, Hashable {
        /// One host, in lower case, without port and brackets.
        case name(String)
        /// Every host that has no route of its own.
        case any
        /// No host: the route is only found by its id.
        case none
    }

    /// What a client speaks.
    package enum Transport: String, Sendable, Hashable {
        case http
        case webSocket = "ws"
    }

    /// The requests a route is for.
    ///
    /// No two routes of a table have the same condition.
    package struct Condition: Sendable, Hashable {
        package var host: Host
        /// A prefix of the encoded path, compared byte by byte, or the empty text.
        package var pathPrefix = ""
        /// The transport that it takes, or nothing for both.
        package var transport: Transport?
        /// Whether the client must or must not use TLS, or nothing for both.
        package var isSecure: Bool?

        package init(host: Host) { self.host = host }
    }

    /// How the path is changed before it goes to the origin.
    package enum PathChange: Sendable, Hashable {
        /// So many bytes are cut at the start.
        case remove(Int)
        /// The prefix that the condition names is replaced.
        case replacePrefix(String)
    }

    /// A header that replaces the client's headers of the same name; without a value it only removes them.
    ///
    /// Its value is a secret for all that we know: it may be an `Authorization`.
    package struct Header: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
        package var name: HTTPField.Name
        package var value: String

        package var description: String { "\(self.name): \(RouteLine.redacted)" }

        package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
    }

    /// A file that holds a key.
    ///
    /// It lives as long as any connection has a route that names it. The keeper of the key can thus tell when the key is no
    /// longer needed.
    package final class KeyFile: Sendable, Hashable {
        package let path: String

        package init(_ path: String) { self.path = path }

        package static func == (lhs: KeyFile, rhs: KeyFile) -> Bool { lhs.path.utf8.elementsEqual(rhs.path.utf8) }

        package func hash(into hasher: inout Hasher) { hasher.combine(self.path) }
    }

    /// A key, or where to find it.
    package enum Key: Sendable, Hashable {
        case key(GRIPKey)
        case file(KeyFile)
    }

    /// Answers in JavaScript for clients that cannot do better.
    package struct JSONP: Sendable, Hashable {
        package enum Mode: String, Sendable, Hashable {
            case basic
            case extended
        }

        package var mode = Mode.extended
        /// The query parameter that names the callback.
        package var callbackParameter: String?
        /// The query parameter that carries the body.
        package var bodyParameter: String?
        package var defaultCallback: String?
        package var defaultMethod: HTTPRequest.Method?

        package init() {}
    }

    /// The line in the file, from 1.
    package var line: Int
    package var condition: Condition
    package var id: String?
    /// Put before the names of channels that origins give.
    package var channelPrefix = ""
    package var pathChange: PathChange?
    /// The host, with or without port, that origins see.
    package var hostOverride: String?
    /// Who signs, in place of the configured issuer.
    package var issuer: String?
    /// What signs, in place of the configured key.
    package var key: Key?
    package var headers: [Header] = []
    /// Whether error bodies say what is wrong.
    package var isDebugging = false
    /// Whether requests are signed and instructions followed.
    package var usesGRIP = true
    /// Whether the CORS headers are added.
    package var allowsCrossOrigin = false
    package var jsonp: JSONP?
    package var logLevel: Int?
    /// Where requests go: the first that can be reached.
    package var targets: [RouteTarget]

    package init(line: Int, condition: Condition, targets: [RouteTarget]) {
        self.line = line
        self.condition = condition
        self.targets = targets
    }
}
