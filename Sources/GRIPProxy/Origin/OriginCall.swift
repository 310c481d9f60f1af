import GRIPEngine
import HTTPTypes
import NIOCore

/// One request to an origin that is under way.
///
/// It belongs to one event loop.
protocol OriginCall: AnyObject {
    /// Begins the call.
    ///
    /// The receiver hears nothing before.
    func start()
    func send(_ bytes: ByteBuffer)
    func end(_ trailers: PassedTrailers?)
    /// Says whether more of the response is wanted.
    func setReading(_ isReading: Bool)
    /// The client sends nothing more, and has perhaps left.
    ///
    /// It has sent its whole request.
    func clientInputClosed()
    /// Ends the call; the receiver hears nothing more.
    func cancel()
}

extension OriginCall {
    /// Nothing: to a server it makes no difference.
    func clientInputClosed() {}
}

/// Who learns what an origin answers.
///
/// Each call ends with exactly one of the last two.
protocol OriginReceiver: AnyObject {
    /// The addresses of the client that asks, for an origin in the same process.
    var clientAddresses: InMemoryChannel.Addresses { get }
    /// Whether a response is of no use before its end.
    var needsWholeResponse: Bool { get }
    /// The origin takes more of the request's body, or does not for now.
    ///
    /// It does not before there is a connection.
    func originWritabilityChanged(_ isWritable: Bool)
    func originHead(_ head: HTTPResponse)
    func originBody(_ bytes: ByteBuffer)
    /// What was read at once has been handed over, so that what was written because of it can be sent.
    func originReadComplete()
    func originEnd(_ trailers: HTTPFields?)
    func originFailed(_ failure: OriginFailure)
}

extension OriginReceiver {
    /// It is: whoever passes responses on as they come says so.
    var needsWholeResponse: Bool { true }

    /// No addresses: the proxy itself asks.
    var clientAddresses: InMemoryChannel.Addresses { InMemoryChannel.Addresses() }
}

/// Takes requests to origins of one kind.
///
/// It belongs to one event loop.
protocol OriginClient: AnyObject {
    /// Prepares a call.
    func open(_ request: OriginRequest, for receiver: any OriginReceiver) -> any OriginCall
}
