import GRIPEngine

/// A client's connection as its event loop knows it.
protocol ProxyClient: AnyObject {
    var id: UInt64 { get }
    /// When it is to be woken, or nothing.
    var nextDeadline: EngineTime? { get }
    /// The earliest time for which the loop has noted it.
    var scheduled: EngineTime? { get set }
    /// Whether a channel over the limit was named in the log: once is enough.
    var hasNamedLeftOutChannel: Bool { get set }
    /// What the access log will tell, or `nil` between requests and without an access log.
    var access: AccessRecord? { get }
    var peerAddress: String { get }
    /// The addresses of both ends.
    var addresses: InMemoryChannel.Addresses { get }
    /// What is held on the connection.
    var member: HeldMember? { get }
    func wake(at now: EngineTime)
    /// Ends it, in the way that its protocol has for that.
    func shutDown(_ end: ConnectionEnd)
    /// Ends it at once.
    func close(_ end: ConnectionEnd)
    /// Notes the next deadline with the loop.
    func reschedule()
}

extension ProxyClient {
    var addresses: InMemoryChannel.Addresses { InMemoryChannel.Addresses() }
}
