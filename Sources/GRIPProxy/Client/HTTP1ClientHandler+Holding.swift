import NIOCore
import NIOHTTP1

extension HTTP1ClientHandler {
    /// Makes the decoder of this kind of connection.
    static func makeDecoder(_ limits: GRIPProxyServerConfiguration.Limits) -> ByteToMessageHandler<HTTPRequestDecoder> {
        var decoderLimits = NIOHTTPDecoderLimitConfiguration()
        decoderLimits.maxHeaderFieldSize = limits.requestHead
        decoderLimits.maxHeaderListSize = limits.requestHead
        decoderLimits.maxHeaderFieldCount = limits.requestFields
        return ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: decoderLimits)
        )
    }

    /// Lets go of the decoder while the connection is held.
    func beganHolding() {
        guard let context = self.context, let decoder = self.decoder, self.waiting == nil else { return }
        let operations = context.pipeline.syncOperations
        do {
            try operations.addHandler(self.loop.heldInput, position: .before(self))
        } catch {
            // Without it the connection only needs more memory.
            return
        }
        self.decoder = nil
        operations.removeHandler(decoder, promise: nil)
    }

    /// Takes the decoder back, and lets it read what came meanwhile.
    func endedHolding(_ bytes: ByteBuffer? = nil) {
        guard self.decoder == nil, let context = self.context else { return }
        let operations = context.pipeline.syncOperations
        let decoder = Self.makeDecoder(self.loop.limits)
        do {
            try operations.addHandler(decoder, position: .before(self))
            let held = try operations.context(handler: self.loop.heldInput)
            operations.removeHandler(context: held, promise: nil)
            self.decoder = decoder
            guard let bytes else { return }
            decoder.channelRead(context: try operations.context(handler: decoder), data: NIOAny(bytes))
        } catch {
            self.close()
        }
    }
}
