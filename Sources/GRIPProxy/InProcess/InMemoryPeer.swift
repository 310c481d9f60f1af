import NIOHTTPTypes

/// The other end of an ``InMemoryChannel``.
///
/// It is on the same event loop.
protocol InMemoryPeer: AnyObject {
    /// The application has written a part of a response.
    func received(_ part: HTTPResponsePart)
    /// What was written should be sent now.
    func flushed()
    /// The application has taken what waited of a request.
    func requestTaken()
    /// The application is done with a request.
    func requestHandled()
    /// The channel has ended.
    func closed()
}
