extension WebSocketSession {
    /// The messages that the client sent since the request before, in order.
    ///
    /// Looking at them takes nothing away from ``receive()``. Text that is not UTF-8, and what follows it, is not among
    /// them; the connection then is ``isClosing`` with 1007.
    public var messages: [GRIPContent] {
        var messages: [GRIPContent] = []
        for case .input(.message(let message)) in self.batch.elements { messages.append(message) }
        return messages
    }

    /// Takes the next thing that the client did.
    ///
    /// Pings that are passed are answered on the way, so that pongs and what the handler sends are in the order of what
    /// they answer. Pings that are not passed are answered at the end.
    ///
    /// - Returns: A message, a close or a disconnection; nothing when there is no more in this request.
    public mutating func receive() -> Input? {
        while self.position < self.batch.elements.count {
            let element = self.batch.elements[self.position]
            self.position += 1
            switch element {
            case .input(let input): return input
            case .ping(let payload, _): self.writePong(payload)
            }
        }
        return nil
    }

    /// Whether the client closes the connection with this request, or is made to because its text is not UTF-8.
    public var isClosing: Bool { self.batch.isClosing }

    /// The code with which the connection is closing; nothing where it is not, or where the client gave none.
    public var closeCode: WebSocketCloseCode? { self.batch.close?.code }

    /// The reason with which the connection is closing; empty where there is none.
    public var closeReason: String { self.batch.close?.reason ?? "" }

    /// Whether the client is gone without closing the connection.
    public var isDisconnected: Bool { self.batch.isDisconnected }
}
