import GRIPEngine
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Lets a listener rest while the process has no file descriptors for its connections.
///
/// The socket of a listener is ready for as long as somebody waits there. Without this handler a loop would try to accept
/// again and again, and do nothing else.
final class AcceptGuard: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    /// How many connections are accepted at once where there is room for many; it is what NIO does.
    private static let batch: UInt = 4

    private let supply: DescriptorSupply
    private let isForClients: Bool
    private var isCareful = false
    /// When it is time to look again, while the listener rests.
    private var rest: Scheduled<Void>?
    /// Whether something wants to accept meanwhile.
    private var isWanted = false

    /// Makes the handler.
    ///
    /// - Parameters:
    ///   - supply: The descriptors.
    ///   - isForClients: Whether clients connect here, for whom only a share of the descriptors is.
    init(_ supply: DescriptorSupply, isForClients: Bool) {
        self.supply = supply
        self.isForClients = isForClients
    }

    /// Puts one before everything that a listener has.
    ///
    /// For a listener of somebody else, which is known by its first connection.
    static func install(on listener: any Channel, supply: DescriptorSupply) {
        listener.eventLoop.execute {
            do {
                try listener.pipeline.syncOperations.addHandler(
                    AcceptGuard(supply, isForClients: true),
                    position: .first
                )
            } catch {
                // It was closed meanwhile, and accepts no more.
            }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.rest?.cancel()
        self.rest = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.rest?.cancel()
        self.rest = nil
        context.fireChannelInactive()
    }

    func read(context: ChannelHandlerContext) {
        guard self.rest == nil else {
            self.isWanted = true
            return
        }
        self.accept(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch (error as? IOError)?.errnoCode {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: self.pause(context)
        // A client that has gone before it was accepted is no error of the listener.
        case ECONNABORTED: break
        default: context.fireErrorCaught(error)
        }
    }

    private func accept(_ context: ChannelHandlerContext) {
        guard self.isForClients else { return context.read() }
        switch self.supply.room() {
        case .plenty: self.setCareful(false, context)
        case .little: self.setCareful(true, context)
        case .none:
            self.isWanted = true
            return self.pause(context)
        }
        context.read()
    }

    private func setCareful(_ isCareful: Bool, _ context: ChannelHandlerContext) {
        guard self.isCareful != isCareful else { return }
        self.isCareful = isCareful
        let batch: UInt = isCareful ? 1 : Self.batch
        do {
            try context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: batch)
        } catch {
            // Only a listener that is closed has no options, and it accepts no more.
        }
    }

    private func pause(_ context: ChannelHandlerContext) {
        guard self.rest == nil else { return }
        self.supply.reportPause(isForClients: self.isForClients)
        self.lookLater(context)
    }

    private func lookLater(_ context: ChannelHandlerContext) {
        self.rest = context.eventLoop.assumeIsolated().scheduleTask(in: DescriptorSupply.pause) {
            self.rest = nil
            guard self.isWanted else { return }
            // As long as there is none, the listener rests, which is one pause and not many.
            if self.isForClients, self.supply.isExhausted() { return self.lookLater(context) }
            self.isWanted = false
            self.accept(context)
        }
    }
}
