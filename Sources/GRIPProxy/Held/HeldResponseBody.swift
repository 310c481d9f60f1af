import GRIPEngine

/// A member that is the response to one request, finished or not.
protocol HeldResponseBody: HeldMember {
    /// When it is to be woken, or nothing.
    var nextDeadline: EngineTime? { get }
    func wake(at now: EngineTime)
    /// Learns that the client's connection is gone.
    func clientLost(_ end: ConnectionEnd)
    /// Ends it with what there is.
    func shutDown(_ end: ConnectionEnd)
}
