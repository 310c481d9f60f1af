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
        case .channelsLeftOut(let count):
            self.counters.channelsLeftOut += count
            self.logger.info("\(count) channels over the limit were left out", metadata: metadata)
        }
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

    func responseEnded() { self.counters.responsesEnded += 1 }

    func streamEnded() { self.counters.streamsEnded += 1 }
}
