import GRIP

/// What an access log tells of a request, a long hold or a WebSocket when it is over.
///
/// It has no headers, and of the query at most the names: tokens stand there.
package struct AccessLogEntry: Sendable, Hashable {
    /// What is shown of queries.
    package enum Query: String, Sendable, Hashable, CaseIterable {
        case off
        /// The names of parameters; their values are left out.
        case names
    }

    /// How many bytes of a text are shown.
    package var textLimit = LogText.maximumByteCount
    /// When it began, as RFC 3339 writes it.
    package var time: String
    package var connection: UInt64
    package var client: String
    /// `nil` for what is not valid HTTP.
    package var method: String?
    package var authority: String?
    /// With the query, as it is.
    package var path: String?
    package var isWebSocket = false
    /// The status that the client got.
    package var status: Int?
    /// What the client was sent of the body, or in frames of a WebSocket.
    package var byteCount = 0
    package var milliseconds: Int64 = 0
    /// The line of the route, and its id where it has one.
    package var route: String?
    package var target: String?
    /// What was held.
    package var hold: HoldKind?
    /// Why it was over.
    package var end = ConnectionEnd.complete

    package init(time: String, connection: UInt64, client: String) {
        self.time = time
        self.connection = connection
        self.client = client
    }

    // MARK: Formats

    /// One line for people: fields in a fixed order, `-` for one without a value.
    package func text(query: Query) -> String {
        let request = [self.method, self.authority, self.shownPath(query)].map { $0.map(self.word) ?? "-" }
        return [
            self.time, self.word(self.client), self.isWebSocket ? "ws" : "http", request.joined(separator: " "),
            self.status.map(String.init) ?? "-", "\(self.byteCount)B", "\(self.milliseconds)ms",
            "route=\(self.route.map(self.word) ?? "-")", "target=\(self.target.map(self.word) ?? "-")",
            "hold=\(self.hold?.rawValue ?? "-")", "end=\(self.end.rawValue)", "connection=\(self.connection)",
        ].joined(separator: " ")
    }

    /// One JSON object on a line; members without a value are `null`.
    package func json(query: Query) -> String {
        let members: [(String, String)] = [
            ("time", self.quoted(self.time)),
            ("connection", String(self.connection)),
            ("client", self.quoted(self.client)),
            ("protocol", self.quoted(self.isWebSocket ? "ws" : "http")),
            ("method", self.quoted(self.method)),
            ("host", self.quoted(self.authority)),
            ("path", self.quoted(self.shownPath(query))),
            ("status", self.status.map(String.init) ?? "null"),
            ("bytes", String(self.byteCount)),
            ("milliseconds", String(self.milliseconds)),
            ("route", self.quoted(self.route)),
            ("target", self.quoted(self.target)),
            ("hold", self.quoted(self.hold?.rawValue)),
            ("end", self.quoted(self.end.rawValue)),
        ]
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }

    /// The path as it is shown, before it is cut.
    private func shownPath(_ query: Query) -> String? {
        guard let target = self.path else { return nil }
        let path = LogText.wholePath(target)
        guard query == .names, path.endIndex < target.endIndex, target[path.endIndex] == "?" else {
            return String(path)
        }
        let parameters = target[path.endIndex...].dropFirst().prefix { $0 != "#" }.split(separator: "&")
        // What has no equals sign is a value for all that we know.
        let names = parameters.map { parameter in
            parameter.firstIndex(of: "=").map { "\(parameter[..<$0])=(redacted)" } ?? "(redacted)"
        }
        return "\(path)?\(names.joined(separator: "&"))"
    }

    /// A text as one word of a line.
    private func word(_ text: String) -> String {
        let cut = LogText.cut(text, to: self.textLimit)
        return cut.isEmpty ? "-" : String(cut.map { $0.isWhitespace ? "_" : $0 })
    }

    private func quoted(_ text: String?) -> String {
        guard let text else { return "null" }
        var result = "\""
        for scalar in LogText.cut(text, to: self.textLimit).unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}
