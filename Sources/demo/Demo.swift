import Hummingbird
import HummingbirdGRIP
import Logging

/// A web application whose clients a GRIP proxy holds.
@main
struct Demo {
    static func main() async throws {
        let logger = Logger(label: "demo")
        let grip = try GRIPOrigin(logger: logger)
        let address = try DemoAddress.fromEnvironment()
        if grip.configuration.proxies.isEmpty {
            logger.warning("No GRIP_URL: nothing is held and nothing is published. Start with scripts/demo-pushpin.")
        }
        for proxy in grip.configuration.proxies { logger.info("Publishing to \(proxy)") }
        try await DemoApplication.make(grip: grip, address: address, logger: logger).runService()
    }
}
