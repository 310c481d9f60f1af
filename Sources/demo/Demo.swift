import Hummingbird
import HummingbirdGRIP
import Logging
import NIOCore

/// A web application whose clients a GRIP proxy holds: the one in it, or the one that `GRIP_URL` names.
@main
struct Demo {
    static func main() async {
        await GRIPProgram.serve {
            let logger = Logger(label: "demo")
            let grip = try GRIPOrigin(logger: logger)
            let address = try DemoAddress.fromEnvironment()
            for proxy in grip.configuration.proxies { logger.info("Publishing to \(proxy)") }
            let isEmbedded = grip.configuration.proxies.isEmpty
            return DemoApplication.make(grip: grip, address: address, logger: logger) { channel in
                // Behind another proxy, that is where browsers connect.
                guard isEmbedded else { return }
                Invitation(host: address.host, port: channel.localAddress?.port ?? address.port).show()
            }
        }
    }
}
