import GRIPEngine
import GRIPServerSentEvents
import HTTPTypes
import NIOCore

/// An answer of the control API that goes on: server-sent events.
///
/// It belongs to the event loop of its connection.
final class ControlStream {
    /// After how long without an event the reader gets a comment, so that nobody on the way takes the connection for dead.
    static let keepAlive = TimeAmount.seconds(15)
    private static let comment = ServerSentEvent.comment()
    /// How much is written before it is looked whether the reader takes it.
    private static let portion = 32_768

    private let source: any ControlEventSource
    private let isChunked: Bool
    /// Whether the source says when there is something.
    private var isWaiting = false
    private(set) var isEnded = false

    init(_ source: any ControlEventSource, isChunked: Bool) {
        self.source = source
        self.isChunked = isChunked
    }

    /// The head of the response.
    func head() -> ByteBuffer {
        var buffer = ByteBuffer()
        let fields: HTTPFields = [.contentType: ServerSentEvent.mediaType, .cacheControl: "no-store"]
        HTTP1ResponseHead(
            head: HTTPResponse(status: .ok, headerFields: fields),
            framing: self.isChunked ? .chunked : .untilClose,
            connection: "close"
        ).write(to: &buffer)
        return buffer
    }

    /// What there is, or a part of it; an empty buffer when there is nothing.
    func read() -> ByteBuffer {
        var bytes = ByteBuffer()
        while !self.isEnded, bytes.readableBytes < Self.portion {
            switch self.source.next() {
            case .piece(let piece): self.write(piece, to: &bytes)
            case .none: return bytes
            case .end: self.end(&bytes)
            }
        }
        return bytes
    }

    /// A comment, as a part of the body.
    func makeComment() -> ByteBuffer {
        var bytes = ByteBuffer()
        if !self.isEnded { self.write(Self.comment, to: &bytes) }
        return bytes
    }

    /// The end of the body, after which there is nothing.
    func finish() -> ByteBuffer {
        var bytes = ByteBuffer()
        self.end(&bytes)
        return bytes
    }

    private func write(_ piece: ByteBuffer, to bytes: inout ByteBuffer) {
        guard self.isChunked else { return _ = bytes.writeImmutableBuffer(piece) }
        bytes.writeChunkHead(byteCount: piece.readableBytes)
        bytes.writeImmutableBuffer(piece)
        bytes.writeStaticString("\r\n")
    }

    private func end(_ bytes: inout ByteBuffer) {
        guard !self.isEnded else { return }
        self.isEnded = true
        self.source.cancel()
        if self.isChunked { bytes.writeLastChunk(nil) }
    }

    /// Learns that the reader is gone.
    func cancel() {
        guard !self.isEnded else { return }
        self.isEnded = true
        self.source.cancel()
    }

    /// Calls a closure on an event loop when there is something again.
    func whenReady(on eventLoop: any EventLoop, _ body: @escaping () -> Void) {
        guard !self.isWaiting, !self.isEnded else { return }
        self.isWaiting = true
        let ready = NIOLoopBound(
            { [weak self] in
                self?.isWaiting = false
                body()
            },
            eventLoop: eventLoop
        )
        // Never at once: the caller may be in the middle of writing.
        self.source.whenReady { eventLoop.execute { ready.value() } }
    }
}
