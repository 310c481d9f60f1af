import Testing

extension ProxyScope {
    /// The lines that the control API shows of metrics.
    func metricLines() async throws -> Set<Substring> {
        try await self.publisher { connection in
            try await connection.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return Set(try #require(try await connection.response()).body.split(separator: "\n"))
        }
    }

    /// Expects that metrics have certain values.
    func expectMetrics(_ lines: Substring..., sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let shown = try await self.metricLines()
        for line in lines where !shown.contains(line) {
            let name = line.prefix { $0 != " " }
            let others = shown.filter { $0.hasPrefix(name) }
            Issue.record("\(line) is not shown but \(others)", sourceLocation: sourceLocation)
        }
    }

    /// Asks until a metric has a value.
    func waitForMetric(_ line: Substring, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while try await !self.metricLines().contains(line) {
            guard ContinuousClock.now < end else {
                Issue.record("\(line) is not shown", sourceLocation: sourceLocation)
                return
            }
        }
    }

    /// Asks for a path on a connection of its own.
    func get(_ path: String = "/x", _ fields: String = "") async throws -> TestConnection.Response? {
        try await self.client { client in
            try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
            return try await client.response()
        }
    }
}
