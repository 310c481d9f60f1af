import Configuration
import HummingbirdGRIP

/// Where the demo listens.
struct DemoAddress {
    var host = "127.0.0.1"
    var port = 8000

    /// Reads the variables `HOST` and `PORT`.
    static func fromEnvironment() throws -> DemoAddress {
        let config = ConfigReader(provider: EnvironmentVariablesProvider())
        var address = DemoAddress()
        if let host = config.string(forKey: "host") { address.host = host }
        if let text = config.string(forKey: "port") {
            guard let port = UInt16(text) else {
                throw GRIPProgram.Failure(
                    "The environment variable PORT is '\(text.prefix(64))', which is not a port; give a number from 0 to 65535",
                    status: .badConfiguration
                )
            }
            address.port = Int(port)
        }
        return address
    }
}
