import GRIP
import GRIPProxy
import GRIPTesting
import Testing

/// Three proxies in front of one origin that names its clients, connected by a bus.
struct ThreeProxies: Sendable {
    struct Instance: Sendable {
        let proxy: ProxyScope
        let bus: GRIPLoopbackBus
    }

    let a: Instance
    let b: Instance
    let c: Instance

    /// Runs them while a closure runs.
    static func with(
        linger: Duration = .zero,
        grace: Duration = .seconds(10),
        _ body: (ThreeProxies) async throws -> Void
    ) async throws {
        let network = GRIPLoopbackNetwork()
        try await MemberOrigin.with { port in
            func setUp(_ configuration: inout GRIPProxyServerConfiguration) {
                configuration.routes = ["* 127.0.0.1:\(port),over_http"]
                configuration.delivery.updatesOnFirstSubscription = false
                configuration.presence.linger = linger
                configuration.presence.grace = grace
            }
            let buses = (network.makeBus(), network.makeBus(), network.makeBus())
            try await withProxy(bus: buses.0, setUp) { a in
                try await withProxy(bus: buses.1, setUp) { b in
                    try await withProxy(bus: buses.2, setUp) { c in
                        try await body(
                            ThreeProxies(
                                a: Instance(proxy: a, bus: buses.0),
                                b: Instance(proxy: b, bus: buses.1),
                                c: Instance(proxy: c, bus: buses.2)
                            )
                        )
                    }
                }
            }
        }
    }
}

extension ThreeProxies.Instance {
    /// Waits until a list of the members is complete.
    ///
    /// - Returns: The list.
    func completeMembers(of channel: String = "room") async throws -> String {
        var line = "?"
        try await self.proxy.wait("a complete list") {
            line = try await self.proxy.server.presence.members(of: channel).line
            return !line.hasSuffix("?")
        }
        return line
    }
}
