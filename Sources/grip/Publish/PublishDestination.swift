import GRIP
import GRIPNATS
import GRIPPublisher
import Logging

/// Where an item is published.
enum PublishDestination {
    /// A proxy with a control API.
    case proxy(GRIPProxyConfiguration)
    /// All instances, through their bus.
    case bus(GRIPNATSPublisher)

    /// What to do where it cannot be reached.
    var advice: String {
        switch self {
        case .proxy: "start the proxy, or name its control API with --spec or GRIP_URL"
        case .bus: "start the server of the bus, or name it with --bus or GRIP_BUS"
        }
    }

    /// Publishes, and returns when the proxy or the server of the bus has answered.
    func publish(_ publication: GRIPPublication) async throws -> GRIPPublishResult {
        switch self {
        case .proxy(let proxy):
            // What fails is told by the command, once.
            let logger = Logger(label: "grip.publish", factory: { _ in SwiftLogNoOpLogHandler() })
            let configuration = GRIPPublisherConfiguration(proxies: [proxy])
            return try await GRIPHTTPPublisher(configuration: configuration, logger: logger).publish([publication])
        case .bus(let publisher):
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await publisher.run() }
                defer { group.cancelAll() }
                return try await publisher.publish([publication])
            }
        }
    }
}
