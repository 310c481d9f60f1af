import NIOCore

extension GRIPPublishFailure {
    /// The failure with the reason that a proxy does not give: it refuses what it is too old for as malformed.
    func explained(by body: ByteBuffer) -> GRIPPublishFailure {
        guard self.status == 400, body.readableBytesView.firstRange(of: Array(#""action":"refresh""#.utf8)) != nil
        else {
            return self
        }
        return GRIPPublishFailure(
            self.code,
            self.reason + " to a WebSocket refresh, which this proxy may be too old for: Pushpin has it from 1.38 on "
                + "(GRIPCapability.webSocketRefresh)",
            status: self.status,
            responseExcerpt: self.responseExcerpt,
            mayHaveBeenPublished: self.mayHaveBeenPublished
        )
    }
}
