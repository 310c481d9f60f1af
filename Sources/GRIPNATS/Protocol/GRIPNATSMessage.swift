public import NIOCore

/// A message that came for a subscription.
///
/// Its parts share the memory that they were read into, together with the messages beside it: copy what is kept for
/// long.
public struct GRIPNATSMessage: Sendable, Hashable {
    /// The number of the subscription that it came for.
    package let subscription: UInt64
    package let subjectBytes: ByteBuffer
    package let replyBytes: ByteBuffer?
    /// The headers as they came, with the line `NATS/1.0`.
    package let headerBlock: ByteBuffer?

    /// What was published.
    public let payload: ByteBuffer

    package init(
        subscription: UInt64,
        subject: ByteBuffer,
        reply: ByteBuffer? = nil,
        headers: ByteBuffer? = nil,
        payload: ByteBuffer
    ) {
        self.subscription = subscription
        self.subjectBytes = subject
        self.replyBytes = reply
        self.headerBlock = headers
        self.payload = payload
    }

    /// The subject that it was published under; where it is not UTF-8, with replacement characters.
    public var subject: String { String(buffer: self.subjectBytes) }

    /// Where the publisher wants the answer to go; `nil` where it wants none, or names what is no subject.
    public var reply: GRIPNATSSubject? {
        guard let replyBytes, let text = String(validating: replyBytes.readableBytesView, as: UTF8.self),
            SubjectText.problem(in: text, wildcards: .refused) == nil
        else { return nil }
        return GRIPNATSSubject(unchecked: text)
    }

    /// The headers; none where the publisher has sent none.
    ///
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/headers`` when the publisher has sent what cannot be read.
    ///   Servers pass it on unseen.
    public var headers: GRIPNATSHeaders {
        get throws(GRIPNATSError) {
            guard let headerBlock else { return GRIPNATSHeaders() }
            return try GRIPNATSHeaders(parsing: headerBlock)
        }
    }
}
