import NIOCore

/// A close code and the reason that goes with it.
///
/// On the wire the code is two bytes, high byte first, and the reason the UTF-8 after them.
public struct WebSocketClose: Sendable, Hashable {
    /// The most UTF-8 bytes that a reason may have: what a control frame holds besides the code.
    public static let maximumReasonByteCount = 123

    /// The code.
    public let code: WebSocketCloseCode
    /// The reason, for the person who looks into it; often empty.
    public let reason: String

    /// Makes a close that can be sent.
    ///
    /// - Parameters:
    ///   - code: A code that may be sent; see ``WebSocketCloseCode/isSendable``.
    ///   - reason: At most 123 bytes of UTF-8, without line ends.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/webSocketMessage`` when the code must not be sent, or the reason is
    ///   too long or has line ends.
    public init(_ code: WebSocketCloseCode, reason: String = "") throws(GRIPError) {
        guard code.isSendable else { throw WebSocketCloseCode.notSendable(Int(code.rawValue)) }
        guard reason.utf8.count <= Self.maximumReasonByteCount else {
            throw GRIPError(
                .webSocketMessage,
                "a close reason has at most \(Self.maximumReasonByteCount) bytes of UTF-8, not \(reason.utf8.count)"
            )
        }
        guard !reason.containsLineEnds else {
            throw GRIPError(.webSocketMessage, "a close reason must not contain line ends")
        }
        self.init(unchecked: code, reason: reason)
    }

    /// For what a peer sent, which is not ours to refuse, and for checked values.
    package init(unchecked code: WebSocketCloseCode, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// Reads the content of a CLOSE event; less than two bytes are no code.
    ///
    /// The code counts however long the reason is. A reason that is not UTF-8 is repaired, because a broken word of
    /// explanation is no ground for losing the code.
    init?(parsing content: ByteBuffer) {
        var content = content
        guard let code = content.readInteger(as: UInt16.self) else { return nil }
        self.init(
            unchecked: WebSocketCloseCode(rawValue: code),
            reason: String(decoding: content.readableBytesView, as: UTF8.self)
        )
    }

    var byteCount: Int { 2 + self.reason.utf8.count }
}
