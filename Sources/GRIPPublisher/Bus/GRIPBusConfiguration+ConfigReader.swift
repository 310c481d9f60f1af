public import Configuration
import GRIP

extension GRIPBusConfiguration {
    /// Reads a configuration.
    ///
    /// With the reader scoped to `grip`, the environment variable of the first key is `GRIP_BUS`. A value that is empty
    /// counts as absent. A secret is written itself, or as `file:` and the path of a file that holds it.
    ///
    /// ## Keys
    /// - `bus` (string array, secret, optional): The URLs of the servers. In a string, as the environment has it, they are
    ///   separated by white space or commas.
    /// - `busPrefix` (string, default: `grip`): What the names of the bus begin with.
    /// - `busUser` (string, optional): The user that the servers know.
    /// - `busPassword` (string, secret, optional): The password of the user.
    /// - `busToken` (string, secret, optional): A token in place of a user.
    /// - `busSeed` (string, secret, optional): The seed of a key in place of a user.
    /// - `busCredentials` (string, optional): The path of a file with credentials.
    /// - `busCaFile` (string, optional): The path of a file with the authorities to trust.
    /// - `busCertificateFile` (string, optional): The path of a file with this side's certificate.
    /// - `busKeyFile` (string, optional): The path of a file with the key of that certificate.
    /// - `busServerName` (string, optional): The name that the servers' certificates must be for.
    /// - `busTlsFirst` (bool, default: false): Whether TLS comes before the first byte of a server.
    /// - `busWaitingBytes` (int, bytes, default: 8,388,608): How much may wait to be sent.
    /// - `busMessageBytes` (int, bytes, default: 67,108,864): The largest message that is taken.
    ///
    /// - Parameter config: The reader, scoped to where the keys are.
    /// - Throws: ``GRIPBusConfigurationError``, which names the key, when a value is there and cannot be used. Whether there
    ///   is a bus for the URLs, and what is in the files of credentials and certificates, shows when a bus is made.
    public init(config: ConfigReader) throws(GRIPBusConfigurationError) {
        let values = GRIPConfigurationValues(config: config)
        do {
            self = try Self(values)
        } catch let error as GRIPPublisherConfigurationError {
            throw GRIPBusConfigurationError(key: error.key, reason: error.reason)
        } catch let error as GRIPBusConfigurationError {
            throw error
        } catch {
            throw GRIPBusConfigurationError(key: "bus", reason: "cannot be read: \(error)")
        }
    }

    private init(_ values: GRIPConfigurationValues) throws {
        func secret(_ key: String) throws -> GRIPSecret? {
            guard let text = try values.string(key, isSecret: true) else { return nil }
            do throws(InvalidValue) {
                return try SecretText.secret(text, folder: nil)
            } catch {
                throw GRIPBusConfigurationError(key: key, reason: error.reason)
            }
        }
        self.init()
        self.urls = try values.list("bus", isSecret: true).flatMap { Self.urls(in: $0) }
        self.prefix = try values.string("busPrefix") ?? self.prefix
        self.user = try values.string("busUser")
        self.password = try secret("busPassword")
        self.token = try secret("busToken")
        self.seed = try secret("busSeed")
        self.credentialsFile = try values.string("busCredentials")
        self.certificateAuthorityFile = try values.string("busCaFile")
        self.certificateFile = try values.string("busCertificateFile")
        self.keyFile = try values.string("busKeyFile")
        self.serverName = try values.string("busServerName")
        self.startsTLSAtOnce = try values.bool("busTlsFirst") ?? self.startsTLSAtOnce
        self.waitingBytes = try values.int("busWaitingBytes", atLeast: 1) ?? self.waitingBytes
        self.messageBytes = try values.int("busMessageBytes", atLeast: 1) ?? self.messageBytes
    }
}
