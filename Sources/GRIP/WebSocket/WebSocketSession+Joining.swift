import HTTPTypes
import NIOCore

/// A change of a subscription that the handler wants to be told of when it is done.
struct PendingSubscription: Sendable, Hashable {
    /// What the proxy remembers them under for the origin.
    static let metaName = "grip-pending"
    /// How many may wait: they travel in a header of every request.
    static let maximumCount = 64

    var token: String
    var isJoining: Bool
    /// Without the prefix.
    var channel: String

    init(isJoining: Bool, channel: String) {
        var generator = SystemRandomNumberGenerator()
        self.token = String(generator.next(), radix: 36)
        self.isJoining = isJoining
        self.channel = channel
    }

    private init?(_ text: Substring) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[1] == "join" || parts[1] == "leave",
            let channel = PercentCoding.decode(parts[2]), !channel.isEmpty
        else { return nil }
        self.token = String(parts[0])
        self.isJoining = parts[1] == "join"
        self.channel = channel
    }

    /// What the ping carries whose answer tells that the change is done.
    var payload: String { "grip:\(self.token)" }

    static func parse(_ text: String) -> [PendingSubscription] {
        text.split(separator: ",").compactMap { PendingSubscription($0) }
    }

    static func text(of pending: [PendingSubscription]) -> String {
        pending.map { "\($0.token):\($0.isJoining ? "join" : "leave"):\(PercentCoding.encode($0.channel))" }
            .joined(separator: ",")
    }
}

extension WebSocketSession {
    /// Subscribes the connection to a channel, and has ``joined`` tell when the subscription stands.
    ///
    /// The proxy subscribes when it has read the answer. What is published before does not reach the client, although the
    /// handler may have looked for it before too: a history that is sent in the same answer as the subscription has a gap
    /// behind it. Sent when the subscription stands, it has none:
    ///
    /// ```swift
    /// if socket.isOpening {
    ///     socket.accept()
    ///     socket.join("room")
    /// }
    /// for room in socket.joined { socket.send(history(of: room)) }
    /// ```
    ///
    /// What is published between the two is in the history and has reached the client as well, and may do so first: give
    /// messages ids that the client can sort by.
    ///
    /// It works with every proxy that verifies as one of ours, and without the client's doing: a ping goes to the client
    /// behind the subscription, and its pong makes the next request. At most 64 changes of subscriptions wait for that;
    /// of more, the oldest are forgotten. A channel that the proxy leaves out, because the connection has as many as it
    /// may, is never among ``joined``; see ``leftOut``.
    ///
    /// - Parameters:
    ///   - channel: The channel without ``channelPrefix``.
    ///   - member: Who the client is on the channel, in place of the member that the channel has.
    public mutating func join(_ channel: GRIPChannel, as member: GRIPMember? = nil) {
        self.subscribe(to: channel, as: member)
        self.await(PendingSubscription(isJoining: true, channel: channel.name))
    }

    /// Subscribes the connection to a channel whose name is made at run time; see ``join(_:as:)-(GRIPChannel,_)``.
    ///
    /// - Parameters:
    ///   - name: The name of the channel, without ``channelPrefix``.
    ///   - member: Who the client is on the channel, or `nil` where it does not count for ``GRIPPresence``.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/channel`` when no channel can have that name.
    @_disfavoredOverload
    public mutating func join(_ name: some StringProtocol, as member: GRIPMember? = nil) throws(GRIPError) {
        self.join(try GRIPChannel(String(name)), as: member)
    }

    /// Ends the subscription to a channel, and has ``left`` tell when that is done.
    ///
    /// What a handler publishes in the same request still reaches the client, because it is published at once and the
    /// subscription ends with the answer. What it publishes when the channel is among ``left`` does not.
    ///
    /// - Parameter channel: The channel without ``channelPrefix``; only its name counts.
    public mutating func leave(_ channel: GRIPChannel) {
        self.unsubscribe(from: channel)
        self.await(PendingSubscription(isJoining: false, channel: channel.name))
    }

    /// Ends the subscription to a channel whose name is made at run time; see ``leave(_:)-(GRIPChannel)``.
    ///
    /// - Parameter name: The name of the channel, without ``channelPrefix``.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/channel`` when no channel can have that name.
    @_disfavoredOverload
    public mutating func leave(_ name: some StringProtocol) throws(GRIPError) {
        self.leave(try GRIPChannel(String(name)))
    }

    /// The channels that ``join(_:as:)-(GRIPChannel,_)`` was called for in an earlier request and whose subscription stands
    /// now, without ``channelPrefix``, in that order.
    ///
    /// A channel over the limit that the proxy does not name is among them too: see ``leftOut``.
    public var joined: [String] { self.settled.filter(\.isJoining).map(\.channel) }

    /// The channels that ``leave(_:)-(GRIPChannel)`` was called for in an earlier request and whose subscription has ended,
    /// without ``channelPrefix``, in that order.
    public var left: [String] { self.settled.filter { !$0.isJoining }.map(\.channel) }

    /// The channels of `Grip-Left-Out`, as handlers name them.
    static func leftOut(in fields: HTTPFields, prefix: GRIPPrefix) -> [String] {
        guard let value = fields.first(where: { $0.name == .gripLeftOut })?.value else { return [] }
        return value.split(separator: ",").compactMap { element in
            guard let name = PercentCoding.decode(element.trimmingASCIIWhitespace()),
                name.utf8.starts(with: prefix.text.utf8)
            else { return nil }
            return String(Substring(name.utf8.dropFirst(prefix.text.utf8.count)))
        }
    }

    private mutating func await(_ change: PendingSubscription) {
        guard self.beginsSending() else { return }
        // A proxy that has read the ping has read the control message before it.
        self.output.writeEvent(.ping, content: ByteBuffer(string: change.payload))
        self.pending = (self.pending + [change]).suffix(PendingSubscription.maximumCount)
    }
}
