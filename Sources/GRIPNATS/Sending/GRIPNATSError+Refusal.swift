extension GRIPNATSError {
    init(_ refusal: NATSOutbox.Refusal) {
        switch refusal {
        case .disconnected: self.init(.disconnected, "there is no connection to a server; nothing was sent")
        case .full: self.init(.full, "as much as may wait is waiting already; nothing was sent")
        case .tooLarge(let maximum): self.init(.tooLarge, "the server takes messages of at most \(maximum) bytes")
        case .noHeaders: self.init(.headers, "the server does not take headers")
        case .closed: self.init(.closed, "the connection was shut down")
        }
    }
}
