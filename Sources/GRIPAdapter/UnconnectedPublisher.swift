import GRIP
import GRIPPublisher

/// The publisher of an origin without proxies, for as long as none is embedded.
struct UnconnectedPublisher: GRIPPublishing {
    func publish(_ publications: [GRIPPublication]) async throws -> GRIPPublishResult {
        throw GRIPPublishError.noProxies
    }

    func enqueue(_ publications: [GRIPPublication]) -> Bool { false }
}
