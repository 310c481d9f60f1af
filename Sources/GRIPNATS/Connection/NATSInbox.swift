import NIOCore
import Synchronization

/// The subjects that answers to requests come under: one subscription for all of them.
final class NATSInbox: Sendable {
    private struct State {
        var hasBegun = false
        var lastRequest: UInt64 = 0
    }

    private let prefix: String
    private let state = Mutex(State())

    init() {
        // Nobody else must be able to guess where answers go.
        let name = [UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max)].map { String($0, radix: 36) }
        self.prefix = "_INBOX.\(name.joined())."
    }

    /// What is to be subscribed to, the first time.
    func begin() -> GRIPNATSSubjectPattern? {
        let hasBegun = self.state.withLock { state in
            defer { state.hasBegun = true }
            return state.hasBegun
        }
        return hasBegun ? nil : GRIPNATSSubjectPattern(unchecked: self.prefix + "*")
    }

    func nextRequest() -> UInt64 {
        self.state.withLock { state in
            state.lastRequest += 1
            return state.lastRequest
        }
    }

    func reply(to request: UInt64) -> GRIPNATSSubject { GRIPNATSSubject(unchecked: self.prefix + String(request)) }

    func request(of message: GRIPNATSMessage) -> UInt64? {
        let subject = message.subject
        guard subject.utf8.starts(with: self.prefix.utf8) else { return nil }
        return UInt64(subject.dropFirst(self.prefix.count))
    }
}

extension GRIPNATSMessage {
    /// The message as the answer to a request.
    var answer: Result<GRIPNATSMessage, GRIPNATSError> {
        guard self.headerBlock != nil, self.payload.readableBytes == 0 else { return .success(self) }
        do {
            guard try self.headers.status == 503 else { return .success(self) }
            return .failure(GRIPNATSError(.noResponders, "nobody listens to the subject of the request"))
        } catch {
            return .failure(error)
        }
    }
}
