public import GRIP
import Logging

extension GRIPOrigin {
    /// How many channels Pushpin takes for a connection, unless it is configured otherwise.
    private static let pushpinChannelLimit = 20

    /// Warns where a response holds a client on more channels than the proxy takes.
    ///
    /// The proxy leaves out the last ones, and the client gets nothing that is published there. ``finish(_:to:for:)`` does
    /// this for instructions in fields; the framework's module does it for documents.
    ///
    /// - Parameters:
    ///   - instruction: What the response says.
    ///   - state: What is known about the request; see ``GRIPRequestState/channelLimit``.
    public func checkChannels(of instruction: GRIPInstruction, for state: GRIPRequestState) {
        let channels = instruction.channels
        // Most have one, which every proxy takes.
        guard channels.count > 1, instruction.hold != nil else { return }
        let announced = state.channelLimit
        let limit = announced ?? Self.pushpinChannelLimit
        guard channels.count > limit, let leftOut = self.channelPace.next() else { return }
        let says =
            announced == nil
            ? "the proxy does not say how many it takes, and Pushpin takes \(limit) (connection_subscription_max)"
            : "the proxy takes \(limit) (limits.subscriptionsPerConnection)"
        var metadata: Logger.Metadata = [
            "grip.channels": "\(channels.count)", "grip.limit": "\(limit)", "grip.channel": "\(channels[limit].name)",
        ]
        if let path = state.path { metadata["grip.path"] = "\(path)" }
        if leftOut > 0 { metadata["grip.left_out"] = "\(leftOut)" }
        self.logger.warning(
            """
            a response holds a client on \(channels.count) channels, but \(says): the client gets nothing from \
            '\(channels[limit].name)' on; hold fewer channels, or raise the limit
            """,
            metadata: metadata
        )
    }

    /// Warns where the proxy has not subscribed a WebSocket to a channel that its handler wants.
    func checkChannels(of session: WebSocketSession, path: String, logger: Logger) {
        guard let first = session.leftOut.first, let leftOut = self.channelPace.next() else { return }
        var metadata: Logger.Metadata = [
            "grip.path": "\(path)", "grip.connection": "\(session.id)", "grip.channel": "\(first)",
        ]
        if let limit = session.channelLimit { metadata["grip.limit"] = "\(limit)" }
        if leftOut > 0 { metadata["grip.left_out"] = "\(leftOut)" }
        let others = session.leftOut.count > 1 ? " and \(session.leftOut.count - 1) more" : ""
        logger.warning(
            """
            the proxy has not subscribed a WebSocket to the channel '\(first)'\(others), because the connection has as \
            many as it may; unsubscribe it from others first, or raise limits.subscriptionsPerConnection
            """,
            metadata: metadata
        )
    }
}
