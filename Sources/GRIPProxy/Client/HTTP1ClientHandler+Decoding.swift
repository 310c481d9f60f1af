import GRIPEngine
import NIOCore

extension HTTP1ClientHandler {
    /// Takes what came without a decoder: plain requests for as long as there are such, and then the rest with one.
    func receive(_ bytes: ByteBuffer) {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            self.waitForTurnIfNeeded()
            guard self.canTakePlainRequest, let head = self.plainHead(bytes) else { return self.decode(bytes) }
            bytes.moveReaderIndex(forwardBy: head.byteCount)
            self.begin(head)
        }
    }

    private func plainHead(_ bytes: ByteBuffer) -> PlainRequestHead? {
        let limits = self.loop.limits
        return PlainRequestHead(
            bytes,
            names: self.loop.fieldNames,
            limit: limits.requestHead,
            fieldLimit: limits.requestFields
        )
    }

    /// Makes the decoder of this kind of connection.
    private func makeDecoder() -> HTTP1RequestDecoder {
        let limits = self.loop.limits
        return HTTP1RequestDecoder(
            HTTP1RequestReader(
                limits: HTTP1Limits(head: limits.requestHead, fields: limits.requestFields),
                names: self.loop.fieldNames,
                stopsForUpgrades: true
            )
        )
    }

    /// Takes a decoder, and lets it read what has come.
    ///
    /// It stays, also while the connection is held: it may have read a part of the next request, which only it knows.
    private func decode(_ bytes: ByteBuffer) {
        guard self.decoder == nil, let context = self.context else { return }
        let operations = context.pipeline.syncOperations
        let decoder = self.makeDecoder()
        do {
            try operations.addHandler(decoder, position: .before(self))
            let plain = try operations.context(handler: self.loop.plainInput)
            operations.removeHandler(context: plain, promise: nil)
            self.decoder = decoder
            decoder.channelRead(context: try operations.context(handler: decoder), data: NIOAny(bytes))
        } catch {
            self.close(.refused)
        }
    }
}
