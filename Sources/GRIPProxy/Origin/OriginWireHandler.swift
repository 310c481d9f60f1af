import GRIPEngine
import HTTPTypes
import NIOCore

/// Writes requests to an origin as bytes, and reads its responses.
final class OriginWireHandler: ChannelInboundHandler, SocketWriter {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What comes from the origin.
    private enum State {
        /// Nothing has been asked.
        case silent
        /// The beginning of the response to a request of that method.
        case head(HTTPRequest.Method)
        /// So much more of a plain response.
        case body(missing: Int)
        /// A response, or the rest of one, that is not plain.
        case reading(HTTP1ResponseReader)
    }

    /// What a response may have besides content.
    private static let limits = HTTP1Limits(head: 2_097_152, fields: 256, line: 81_920)

    /// Up to how many bytes are copied so that there is one write.
    private static let joinedBytes = 4096
    /// Up to which size the memory of what was sent is kept for what comes next.
    private static let keptBytes = 8192

    private unowned let connection: OriginHTTP1Handler
    private let names: FieldNameTable
    private(set) var context: ChannelHandlerContext?
    var output = SocketOutput()
    private var state = State.silent
    /// Counts responses: what one leads to may begin the next request.
    private var turn = 0
    private var unsent = ByteBuffer()
    /// Whether what a request begins with is still being gathered.
    private var isBeginning = false
    /// How much was sent, or left to the channel to be sent, before the request and all together.
    private var requestStart = 0
    private var byteCount = 0
    /// Whether the first of a request is being sent.
    private var isFirstFlush = false

    init(_ connection: OriginHTTP1Handler, names: FieldNameTable) {
        self.connection = connection
        self.names = names
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if self.connection.server.tls == nil { self.output = SocketOutput(past: context.channel) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Requests

    /// Begins a request; what is sent up to ``endBeginning()`` goes out with its head.
    func begin(_ request: OriginRequest) {
        self.state = .head(request.method)
        self.turn += 1
        self.isBeginning = true
        self.isFirstFlush = true
        self.requestStart = self.byteCount
        self.unsent.clear()
        self.unsent.writeHead(of: request)
    }

    func endBeginning() {
        self.isBeginning = false
        self.flush()
        self.isFirstFlush = false
    }

    /// Whether nothing of the request has arrived at the origin's machine, as far as the system tells.
    ///
    /// An origin that has closed its end before reads nothing of what comes after that.
    var isRequestUnread: Bool {
        if self.wasRequestRefused { return true }
        guard self.connection.server.tls == nil, let channel = self.context?.channel,
            let arrived = SocketAcknowledgement.byteCount(of: channel)
        else { return false }
        return arrived <= UInt64(self.requestStart) + 1
    }

    /// Whether the system took nothing of the request, because the connection had ended.
    var wasRequestRefused: Bool { self.isFirstFlush && self.output.isRefused }

    func send(_ bytes: ByteBuffer, of request: OriginRequest) {
        let isChunked = request.bodyLength == .untilEnd
        guard !isChunked || bytes.readableBytes > 0 else { return }
        if isChunked { self.unsent.writeChunkHead(byteCount: bytes.readableBytes) }
        if self.unsent.readableBytes + bytes.readableBytes <= Self.joinedBytes {
            self.unsent.writeImmutableBuffer(bytes)
        } else {
            self.writeUnsent()
            self.byteCount += bytes.readableBytes
            self.addOutput(bytes)
        }
        if isChunked { self.unsent.writeStaticString("\r\n") }
        if !self.isBeginning { self.flush() }
    }

    func end(_ trailers: PassedTrailers?, of request: OriginRequest) {
        if request.bodyLength == .untilEnd { self.unsent.writeLastChunk(trailers) }
        if !self.isBeginning { self.flush() }
    }

    private func flush() {
        self.writeUnsent()
        self.flushOutput()
        guard self.unsent.readableBytes == 0 else { return }
        // Where all of it could be sent at once, its memory is there for what comes next.
        if self.unsent.storageCapacity <= Self.keptBytes { self.unsent.clear() } else { self.unsent = ByteBuffer() }
    }

    private func writeUnsent() {
        let bytes = self.unsent
        guard bytes.readableBytes > 0 else { return }
        self.unsent.moveReaderIndex(to: self.unsent.writerIndex)
        self.byteCount += bytes.readableBytes
        self.addOutput(bytes)
    }

    // MARK: Responses

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        switch self.state {
        // Some send an empty line behind a body. Anything more could be taken for the answer to what is asked next.
        case .silent: if !bytes.hasOnlyLineEnds { self.connection.close() }
        case .head(let method):
            guard method != .head, let plain = PlainResponseHead(bytes, names: self.names) else {
                self.state = .reading(HTTP1ResponseReader(answering: method, limits: Self.limits, names: self.names))
                return self.read(bytes)
            }
            bytes.moveReaderIndex(forwardBy: plain.byteCount)
            self.state = .body(missing: plain.bodyLength)
            self.connection.receiveHead(plain.head, keepsAlive: true)
            self.readBody(bytes, missing: plain.bodyLength)
        case .body(let missing): self.readBody(bytes, missing: missing)
        case .reading: self.read(bytes)
        }
    }

    /// Reads a part of a response that is not plain.
    private func read(_ bytes: ByteBuffer) {
        guard case .reading(var reader) = self.state else { return }
        // The state lets go of what has been read, or the append would copy it.
        self.state = .silent
        reader.append(bytes)
        let turn = self.turn
        do throws(HTTP1Problem) {
            while let part = try reader.next() {
                self.state = .reading(reader)
                if case .end = part { self.state = .silent }
                self.handOver(part, isLast: reader.rest.hasOnlyLineEnds)
                // It may have led to the end of the connection, or to another request over it.
                guard self.turn == turn, case .reading = self.state else { return }
                self.state = .silent
            }
            self.state = .reading(reader)
        } catch {
            self.connection.receiveProblem(error)
        }
    }

    private func handOver(_ part: HTTP1ResponseReader.Part, isLast: Bool) {
        switch part {
        case .head(let head): self.connection.receiveHead(head.head, keepsAlive: head.keepsAlive)
        case .body(let bytes, let pieces): self.connection.receiveBody(bytes, pieces: pieces)
        case .end(let trailers): self.connection.receiveEnd(trailers, keepsAlive: isLast)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { self.inputClosed() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.inputClosed()
        context.fireChannelInactive()
    }

    /// Takes the end of what the origin sends, which may be that of a response.
    private func inputClosed() {
        guard case .reading(var reader) = self.state else { return }
        self.state = .silent
        if let part = reader.finish() {
            self.handOver(part, isLast: true)
        } else {
            self.connection.receiveEarlyClose()
        }
    }

    private func readBody(_ bytes: ByteBuffer, missing: Int) {
        var bytes = bytes
        let left = missing - bytes.readableBytes
        let body = bytes.readSlice(length: min(missing, bytes.readableBytes)) ?? ByteBuffer()
        self.state = left > 0 ? .body(missing: left) : .silent
        if body.readableBytes > 0 { self.connection.receiveBody(body) }
        // Nothing has been asked that more bytes could be an answer to.
        if left <= 0 { self.connection.receiveEnd(nil, keepsAlive: bytes.hasOnlyLineEnds) }
    }
}

extension ByteBuffer {
    /// Whether there is nothing but ends of lines.
    fileprivate var hasOnlyLineEnds: Bool {
        self.readableBytesView.allSatisfy { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }

    /// The head of a request (RFC 9112 sections 3 and 5).
    mutating func writeHead(of request: OriginRequest, isHandshake: Bool = false) {
        self.writeString(request.method.rawValue)
        self.writeStaticString(" ")
        self.writeString(request.path)
        self.writeStaticString(" HTTP/1.1\r\nHost: ")
        self.writeString(request.authority)
        self.writeStaticString("\r\n")
        if isHandshake { self.writeStaticString("Connection: Upgrade\r\nUpgrade: websocket\r\n") }
        for field in request.fields { self.writeField(field) }
        switch request.bodyLength {
        case .none:
            // Of these a body is expected, and that there is none is to be said (RFC 9110 section 8.6).
            switch request.method {
            case .post, .put, .patch: self.writeStaticString("Content-Length: 0\r\n")
            default: break
            }
        case .known(let count):
            self.writeStaticString("Content-Length: ")
            self.writeString(String(count))
            self.writeStaticString("\r\n")
        case .untilEnd: self.writeStaticString("Transfer-Encoding: chunked\r\n")
        }
        self.writeStaticString("\r\n")
    }
}
