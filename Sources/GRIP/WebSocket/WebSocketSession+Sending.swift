public import NIOCore

extension WebSocketSession {
    /// Sends a message to the client.
    ///
    /// - Parameter message: Text or bytes. Where ``messagePrefix`` is empty, text that begins with `c:` would speak to the
    ///   proxy in the handler's name; it is not sent, and ``makeResponse()`` throws.
    public mutating func send(_ message: GRIPContent) {
        switch message {
        case .text(let text): self.send(text)
        case .binary(let bytes): self.sendBinary(bytes)
        }
    }

    /// Sends a text message to the client.
    ///
    /// - Parameter text: The text. Where ``messagePrefix`` is empty, text that begins with `c:` would speak to the proxy in
    ///   the handler's name; it is not sent, and ``makeResponse()`` throws.
    public mutating func send(_ text: String) {
        guard self.beginsSending() else { return }
        // No other prefix can make a control message of a message; WebSocketMessagePrefix sees to that.
        if self.messagePrefix == .none, text.utf8.starts(with: WebSocketMessagePrefix.control.utf8) {
            self.fail(.webSocketMessage, "text that begins with 'c:' cannot be sent without a message prefix")
            return
        }
        self.output.writeEvent(.text, prefix: self.messagePrefix.text, text: text)
    }

    /// Sends a binary message to the client.
    ///
    /// - Parameter bytes: The bytes.
    public mutating func sendBinary(_ bytes: ByteBuffer) {
        guard self.beginsSending() else { return }
        self.output.writeEvent(.binary, prefix: self.messagePrefix.text, content: bytes)
    }

    /// Sends a binary message to the client.
    ///
    /// - Parameter bytes: The bytes.
    public mutating func sendBinary(_ bytes: some Sequence<UInt8>) {
        self.sendBinary(ByteBuffer(bytes: bytes))
    }

    /// Closes the connection without a code; the client sees a normal closure.
    ///
    /// Pings are answered before. Text that is not UTF-8 still makes it a close with 1007.
    public mutating func close() {
        self.end(with: self.batch.hasInvalidText ? self.batch.close : nil)
    }

    /// Closes the connection with a code.
    ///
    /// - Parameters:
    ///   - code: A code that may be sent; see ``WebSocketCloseCode/isSendable``.
    ///   - reason: At most 123 bytes of UTF-8.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/webSocketMessage`` when the code must not be sent or the reason is
    ///   too long; the connection is then not closed.
    public mutating func close(code: WebSocketCloseCode, reason: String = "") throws(GRIPError) {
        self.end(with: try WebSocketClose(code, reason: reason))
    }

    /// Cuts the connection without a closing handshake.
    public mutating func disconnect() {
        guard !self.hasEnded else { return }
        self.output.writeEvent(.disconnect)
        self.hasEnded = true
    }

    /// Whether there is anyone to send to; notes that the handler tried.
    mutating func beginsSending() -> Bool {
        self.hasSpoken = true
        return !self.hasEnded
    }

    mutating func end(with close: WebSocketClose?) {
        guard !self.hasEnded else { return }
        self.writeRemainingPongs()
        WebSocketEventEncoder().encode(.close(close), into: &self.output)
        self.hasEnded = true
    }

    mutating func writePong(_ payload: ByteBuffer) {
        if !self.hasEnded { self.output.writeEvent(.pong, content: payload) }
    }

    /// Answers the pings that were not received one by one, unless the proxy is to send them again.
    mutating func writeRemainingPongs() {
        for case .ping(let payload, let contentEnd) in self.batch.elements[self.position...]
        where contentEnd <= self.contentBytesAccepted ?? .max {
            self.writePong(payload)
        }
    }

    /// Remembers what went wrong for ``makeResponse()``, so that sending in a loop needs no `try`.
    mutating func fail(_ code: GRIPError.Code, _ reason: String) {
        if self.failure == nil { self.failure = GRIPError(code, reason) }
    }
}
