import NIOCore

/// The subjects that answers to requests come under: one subscription for all of them.
struct NATSInbox: Sendable {
    private let prefix: String

    init() {
        // Nobody else must be able to guess where answers go.
        let name = [UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max)].map { String($0, radix: 36) }
        self.prefix = "_INBOX.\(name.joined())."
    }

    /// What is to be subscribed to.
    var pattern: GRIPNATSSubjectPattern { GRIPNATSSubjectPattern(unchecked: self.prefix + "*") }

    func reply(to request: UInt64) -> GRIPNATSSubject { GRIPNATSSubject(unchecked: self.prefix + String(request)) }

    func request(of message: GRIPNATSMessage) -> UInt64? {
        let subject = message.subject
        guard subject.utf8.starts(with: self.prefix.utf8) else { return nil }
        return UInt64(Substring(subject.utf8.dropFirst(self.prefix.utf8.count)))
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
