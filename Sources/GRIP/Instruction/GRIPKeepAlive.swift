public import NIOCore

/// What a proxy sends on a stream hold so that nobody takes the connection for dead (`Grip-Keep-Alive`).
public struct GRIPKeepAlive: Sendable, Hashable {
    /// When keep-alive data is sent.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// When nothing was sent for the time given.
        case idle
        /// Each time the time given has passed, whatever else was sent.
        case interval
    }

    /// The bytes to send; at least one.
    public let data: ByteBuffer
    /// The time between, in whole seconds, at least one.
    public let timeout: Duration
    /// When the data is sent.
    public let mode: Mode

    /// Makes keep-alive data.
    ///
    /// - Parameters:
    ///   - data: What to send, at least one byte. Any bytes arrive as they are.
    ///   - timeout: After which time, rounded up to whole seconds, at least one second.
    ///   - mode: Whether the time counts from the last thing sent or runs on its own.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/keepAlive`` when there is no data.
    public init(_ data: GRIPContent, after timeout: Duration, mode: Mode = .idle) throws(GRIPError) {
        guard data.byteCount > 0 else { throw GRIPError(.keepAlive, "keep-alive data must not be empty") }
        self.init(unchecked: data.bytes, seconds: timeout.wholeSeconds, mode: mode)
    }

    package init(unchecked data: ByteBuffer, seconds: Int, mode: Mode) {
        self.data = data
        self.timeout = .seconds(max(1, seconds))
        self.mode = mode
    }

    /// An empty line whenever the stream was idle for a time; fit for line-based streams.
    ///
    /// - Parameter timeout: The time, rounded up to whole seconds, at least one second.
    /// - Returns: The keep-alive.
    public static func newline(after timeout: Duration) -> GRIPKeepAlive {
        GRIPKeepAlive(unchecked: ByteBuffer(string: "\n"), seconds: timeout.wholeSeconds, mode: .idle)
    }

    /// A comment of the event stream format whenever the stream was idle for a time.
    ///
    /// Browsers skip it, so `EventSource` code never sees it.
    ///
    /// - Parameter timeout: The time, rounded up to whole seconds, at least one second.
    /// - Returns: The keep-alive.
    public static func eventStreamComment(after timeout: Duration) -> GRIPKeepAlive {
        GRIPKeepAlive(unchecked: ByteBuffer(string: ":\n\n"), seconds: timeout.wholeSeconds, mode: .idle)
    }
}
