import GRIP
import GRIPProxy
import GRIPTesting
import Testing

/// Two proxies in front of one origin, which are connected by a bus.
struct TwoProxies: Sendable {
    struct Instance: Sendable {
        let proxy: ProxyScope
        let bus: GRIPLoopbackBus
    }

    /// The one that holds clients.
    let holder: Instance
    /// The one that things are published to.
    let publisher: Instance

    /// Runs both while a closure runs.
    static func with<Result>(
        originPort: Int,
        log: CapturedLog? = nil,
        maximumBytes: Int = 1_048_576,
        _ configure: (inout GRIPProxyServerConfiguration) -> Void = { _ in },
        _ body: (TwoProxies) async throws -> Result
    ) async throws -> Result {
        let network = GRIPLoopbackNetwork(maximumBytes: maximumBytes)
        let (one, other) = (network.makeBus(), network.makeBus())
        func setUp(_ configuration: inout GRIPProxyServerConfiguration) {
            configuration.routes = ["* 127.0.0.1:\(originPort),over_http"]
            configuration.delivery.updatesOnFirstSubscription = false
            configuration.delivery.recoverySpread = .milliseconds(100)
            configure(&configuration)
        }
        return try await withProxy(log: log, bus: one, setUp) { holder in
            try await withProxy(log: log, bus: other, setUp) { publisher in
                let both = TwoProxies(
                    holder: Instance(proxy: holder, bus: one),
                    publisher: Instance(proxy: publisher, bus: other)
                )
                for instance in [both.holder, both.publisher] {
                    try await instance.proxy.wait("the bus is connected") {
                        try await instance.proxy.metric("grip_proxy_bus_connected") == 1
                    }
                }
                return try await body(both)
            }
        }
    }

    /// Waits until the bus has been told these channels and no others.
    func wait(forInterestIn channels: Set<String>) async throws {
        try await self.holder.proxy.wait("interest in \(channels)") { self.holder.bus.attendedChannels == channels }
    }
}
