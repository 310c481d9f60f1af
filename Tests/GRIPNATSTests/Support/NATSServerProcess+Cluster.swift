extension NATSServerProcess {
    /// Starts two servers of a cluster that know of each other by one route, and ends them when `body` is done.
    static func runCluster(
        _ body: (_ near: NATSServerProcess, _ far: NATSServerProcess, _ route: Forwarder) async throws -> Void
    ) async throws {
        func configuration(_ port: Int, route: Int?) -> String {
            let routes = route.map { "routes: [\"nats://127.0.0.1:\($0)\"]" } ?? ""
            return "cluster { name: test, listen: \"127.0.0.1:\(port)\", no_advertise: true\n \(routes)\n }"
        }
        let port = try await FreePort.next()
        try await Forwarder.run(to: port) { route in
            try await Self.run(configuration(port, route: nil)) { far in
                let own = try await FreePort.next()
                try await Self.run(configuration(own, route: route.port)) { near in
                    try await body(near, far, route)
                }
            }
        }
    }
}
