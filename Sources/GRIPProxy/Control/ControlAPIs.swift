import GRIPEngine
import NIOCore

/// The control API, as it is for each kind of listener.
struct ControlAPIs: Sendable {
    private let network: ControlAPI
    private let socketFile: ControlAPI

    /// Makes the API of a proxy.
    ///
    /// - Parameters:
    ///   - configuration: The names that it has, and its limits.
    ///   - token: What publishers have to show, or `nil` when they need nothing.
    init(_ configuration: GRIPProxyServerConfiguration, token: String?) {
        let listeners = configuration.controlListeners.compactMap { listener in
            // All addresses are not all names.
            if case .tcp(let host, _) = listener.address, host != "*" { host } else { nil }
        }
        func api(isSocketFile: Bool) -> ControlAPI {
            ControlAPI(
                token: token,
                access: ControlAccess(names: configuration.controlHosts + listeners, isSocketFile: isSocketFile),
                maximumBody: configuration.limits.controlBody
            )
        }
        self.network = api(isSocketFile: false)
        self.socketFile = api(isSocketFile: true)
    }

    /// The API on a connection.
    func api(for channel: any Channel) -> ControlAPI {
        // A connection that is being made one of the proxy's may not know its own address yet.
        let address = channel.parent?.localAddress ?? channel.localAddress
        return if case .unixDomainSocket = address { self.socketFile } else { self.network }
    }
}
