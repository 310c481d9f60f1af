import NIOCore

/// What listens for one listener of the configuration.
struct BoundListener: Sendable {
    var channels: [any Channel] = []
    /// The addresses, each of them once.
    var addresses: [SocketAddress] = []
    /// The file, where it is a Unix domain socket.
    var file: SocketFile?

    /// Stops listening.
    func close() async throws {
        self.file?.remove()
        for channel in self.channels { try await channel.close() }
    }
}
