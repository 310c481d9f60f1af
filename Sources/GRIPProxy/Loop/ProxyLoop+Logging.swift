import GRIPEngine
import Logging

extension ProxyLoop {
    func log(_ note: ClientExchange.Note, for request: ClientRequest) {
        let metadata: Logger.Metadata = [
            "http.request.method": "\(request.method)", "url.path": "\(request.path.prefix { $0 != "?" })",
        ]
        switch note {
        case .noRoute: self.logger.info("No route", metadata: metadata)
        case .originFailed(let failure, let target):
            self.logger.info("The origin failed: \(failure) (target \(target + 1))", metadata: metadata)
        case .badInstruction(let reason):
            self.counters.badInstructions += 1
            self.logger.info("The origin's instructions are not valid: \(reason)", metadata: metadata)
        case .responseTooLong(let reason):
            self.isTooLarge(.instructedBody)
            self.logger.info("The origin's response cannot be used: \(reason)", metadata: metadata)
        case .channelsLeftOut(let count):
            self.counters.channelsLeftOut += count
            self.logger.info("\(count) channels over the limit were left out", metadata: metadata)
        }
    }

    /// Notes channels of a held connection that are over the limit.
    func leftOut(_ count: Int, of connection: UInt64) {
        guard count > 0 else { return }
        self.counters.channelsLeftOut += count
        self.logger.info(
            "\(count) channels over the limit were left out",
            metadata: ["grip.connection": "\(connection)"]
        )
    }

    func log(_ reason: StreamHold.EndReason, route: Route?) {
        switch reason {
        case .closed, .lastPage, .shutDown: break
        case .noNextLink(let channel):
            self.logger.info("A stream ended: channel '\(channel)' has a prev-id, but there is no next link")
        case .linkFailed(let reason): self.logger.info("A stream ended: its next link failed: \(reason)")
        }
    }

    func logFilterFailure(_ reason: String, channel: String) {
        self.counters.filterFailures += 1
        self.logger.info("An item was left out: \(reason)", metadata: ["grip.channel": "\(channel)"])
    }

    /// Notes that a client is disconnected for taking too long.
    func timedOut(_ connection: UInt64, _ reason: ClientTimeout) {
        self.counters.clientsTimedOut[reason, default: 0] += 1
        self.logger.debug(
            "A client took too long: \(reason.rawValue)",
            metadata: ["grip.connection": "\(connection)"]
        )
    }

    /// Notes that something is not passed on because it is too large.
    func isTooLarge(_ limit: SizeLimit) { self.counters.tooLarge[limit, default: 0] += 1 }

    func responseEnded() { self.counters.responsesEnded += 1 }

    func streamEnded() { self.counters.streamsEnded += 1 }
}
