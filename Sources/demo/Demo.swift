import Hummingbird
import HummingbirdGRIP
import Logging
import NIOCore

/// A web application whose clients a GRIP proxy holds: the one in it, or the one that `GRIP_URL` names.
@main
struct Demo {
    static func main() async throws {
        let logger = Logger(label: "demo")
        let grip = try GRIPOrigin(logger: logger)
        let address = try DemoAddress.fromEnvironment()
        for proxy in grip.configuration.proxies { logger.info("Publishing to \(proxy)") }
        let isEmbedded = grip.configuration.proxies.isEmpty
        let application = DemoApplication.make(grip: grip, address: address, logger: logger) { channel in
            // Behind another proxy, that is where browsers connect.
            if isEmbedded { Self.invite(to: channel.localAddress?.port ?? address.port, of: address.host) }
        }
        try await application.runService()
    }

    private static func invite(to port: Int, of host: String) {
        let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        print(
            """

            The demo runs, with the proxy in it. Open

                \(url)/

            or, in two terminals,

                curl -N \(url)/stream
                curl -d data=hello \(url)/stream

            Ctrl-C ends it.

            """
        )
    }
}
