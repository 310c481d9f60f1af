import GRIPEngine
import HTTPTypes
import NIOCore

extension HTTP1ClientHandler: ResponseSink {
    func begin(_ head: HTTPResponse, _ length: BodyLength) {
        self.isResponseBegun = true
        if self.isInputOver || self.loop.isShuttingDown { self.keepsAlive = false }
        let (head, length) = head.framed(length)
        self.framing = self.framing(for: length)
        self.access?.entry.status = head.status.code
        // Whoever is still sending when the answer comes cannot go on with another request.
        if self.framing == .untilClose || !self.isRequestEnded { self.keepsAlive = false }
        let connection: String? =
            if !self.keepsAlive { "close" } else if self.isHTTP10 { "keep-alive" } else { nil }
        var buffer = self.loop.allocator.buffer(capacity: 512)
        HTTP1ResponseHead(head: head, framing: self.framing, connection: connection).write(to: &buffer)
        if self.isHead { self.framing = .none }
        self.writeRaw(buffer)
    }

    private func framing(for length: BodyLength) -> HTTP1Framing {
        switch length {
        case .none: .none
        case .known(let count): .length(count)
        case .untilEnd: self.isHTTP10 ? .untilClose : .chunked
        }
    }

    func write(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        if self.framing != .none { self.access?.entry.byteCount += bytes.readableBytes }
        switch self.framing {
        case .none: break
        case .length, .untilClose: self.writeRaw(bytes)
        case .chunked:
            var buffer = self.loop.allocator.buffer(capacity: min(bytes.readableBytes, 4096) + 16)
            buffer.writeChunkHead(byteCount: bytes.readableBytes)
            if bytes.readableBytes <= 4096 {
                buffer.writeImmutableBuffer(bytes)
                buffer.writeStaticString("\r\n")
                self.writeRaw(buffer)
            } else {
                self.writeRaw(buffer)
                self.writeRaw(bytes)
                self.writeRaw(ByteBuffer(staticString: "\r\n"))
            }
        }
    }

    func write(_ delivery: Delivery) {
        if self.framing == .chunked, let chunk = delivery.framed.chunk {
            self.access?.entry.byteCount += delivery.streamContent.readableBytes
            self.writeRaw(chunk)
        } else {
            self.write(delivery.streamContent)
        }
    }

    func end(_ trailers: PassedTrailers?) {
        guard !self.isResponseEnded else { return }
        if self.framing == .chunked {
            var buffer = self.loop.allocator.buffer(capacity: 8)
            buffer.writeLastChunk(trailers)
            self.writeRaw(buffer)
        }
        self.isResponseEnded = true
        self.endAccess(.complete)
        self.flush()
        self.finishIfDone()
    }

    func writeRaw(_ bytes: ByteBuffer) {
        self.needsFlush = true
        self.addOutput(bytes)
    }

    func flush() {
        self.needsFlush = false
        self.flushOutput()
    }

    func flushIfNeeded() {
        if self.needsFlush { self.flush() }
    }

    func abort() {
        self.access?.willEnd(.originFailed)
        self.flushIfNeeded()
        self.close(.originFailed)
    }

    func setReading(_ isReading: Bool) {
        self.isReading = isReading
        // Who is not read cannot be slow.
        if !self.isRequestEnded {
            self.bodyPace = isReading ? self.makeBodyPace() : nil
            self.reschedule()
        }
        self.readAgain()
    }
}
