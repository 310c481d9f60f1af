extension WebSocketSession {
    /// Subscribes the connection to a channel.
    ///
    /// What is published there reaches the client until the connection ends. Subscribing again replaces the filters and
    /// the member.
    ///
    /// - Parameters:
    ///   - channel: The channel without ``channelPrefix``, which is put before its name. Its prev-id does not count.
    ///   - member: Who the client is on the channel, in place of the member that the channel has.
    public mutating func subscribe(to channel: GRIPChannel, as member: GRIPMember? = nil) {
        let channel = channel.with(member: member ?? channel.member)
        self.sendControl(.subscribe(channel.prefixed(by: self.channelPrefix)))
    }

    /// Subscribes the connection to a channel whose name is made at run time.
    ///
    /// ```swift
    /// try socket.subscribe(to: "room-\(room)")
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name of the channel, without ``channelPrefix``.
    ///   - member: Who the client is on the channel, or `nil` where it does not count for ``GRIPPresence``.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/channel`` when no channel can have that name.
    @_disfavoredOverload
    public mutating func subscribe(to name: some StringProtocol, as member: GRIPMember? = nil) throws(GRIPError) {
        self.subscribe(to: try GRIPChannel(String(name)), as: member)
    }

    /// Ends the subscription to a channel whose name is made at run time.
    ///
    /// - Parameter name: The name of the channel, without ``channelPrefix``.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/channel`` when no channel can have that name.
    @_disfavoredOverload
    public mutating func unsubscribe(from name: some StringProtocol) throws(GRIPError) {
        self.unsubscribe(from: try GRIPChannel(String(name)))
    }

    /// Ends the subscription to a channel.
    ///
    /// - Parameter channel: The channel without ``channelPrefix``; only its name counts.
    public mutating func unsubscribe(from channel: GRIPChannel) {
        self.sendControl(.unsubscribe(channel.prefixed(by: self.channelPrefix)))
    }

    /// Leaves the connection to the proxy: it stays open and subscribed, but makes no more requests.
    public mutating func detach() { self.sendControl(.detach) }

    /// Stores or deletes what filters see of the connection; ``meta`` is something else.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - value: The value, or nothing to delete what was stored.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/meta`` when the name is empty.
    public mutating func setFilterMeta(_ name: String, to value: String?) throws(GRIPError) {
        self.sendControl(.setMeta(try WebSocketControlMessage.Meta(name, value)))
    }

    /// Has the proxy keep the connection alive by itself, which needs no requests.
    ///
    /// - Parameters:
    ///   - message: What the proxy sends.
    ///   - timeout: The time between two messages. Rounded up to whole seconds, at least one.
    ///   - mode: Whether other messages put it off.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/webSocketMessage`` when the payload of a ping or pong is too long.
    public mutating func keepAlive(
        sending message: WebSocketTimedMessage,
        every timeout: Duration = WebSocketKeepAlive.defaultTimeout,
        mode: WebSocketKeepAlive.Mode = .idle
    ) throws(GRIPError) {
        self.sendControl(.keepAlive(try WebSocketKeepAlive(message, timeout: timeout, mode: mode)))
    }

    /// Ends what ``keepAlive(sending:every:mode:)`` began.
    public mutating func stopKeepAlive() { self.sendControl(.keepAlive(nil)) }

    /// Has the proxy send a message later; one that is still waiting is sent at once.
    ///
    /// - Parameters:
    ///   - message: What the proxy sends.
    ///   - delay: How long it waits. Rounded up to whole seconds, at least one.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/webSocketMessage`` when the payload of a ping or pong is too long.
    public mutating func sendDelayed(
        _ message: WebSocketTimedMessage,
        after delay: Duration = WebSocketDelayedMessage.defaultTimeout
    ) throws(GRIPError) {
        self.sendControl(.sendDelayed(try WebSocketDelayedMessage(message, timeout: delay)))
    }

    /// Has the proxy send the delayed message now.
    public mutating func flushDelayed() { self.sendControl(.flushDelayed) }

    /// Says something to the proxy.
    ///
    /// - Parameter message: What to say. Channels in it are taken as they are, without ``channelPrefix``.
    public mutating func sendControl(_ message: WebSocketControlMessage) {
        guard self.beginsSending() else { return }
        self.output.writeEvent(.text, prefix: WebSocketMessagePrefix.control, content: message.encoded())
    }
}
