public import GRIPAdapter
public import Hummingbird

/// A request context that knows how a request has come.
///
/// Handlers find there whether there is a proxy, whether it is one of ours, and what it can do. Add one property to a
/// context of your own, or use ``BasicGRIPRequestContext``:
///
/// ```swift
/// struct MyContext: GRIPRequestContext {
///     var coreContext: CoreRequestContextStorage
///     var grip = GRIPRequestState()
///
///     init(source: Source) { self.coreContext = .init(source: source) }
/// }
/// ```
///
/// A child context must take ``grip`` over from its parent, or its routes count as without middleware.
public protocol GRIPRequestContext: RequestContext {
    /// What is known about the way the request has come; ``GRIPMiddleware`` sets it.
    var grip: GRIPRequestState { get set }
}

extension GRIPRequestContext {
    /// The id of the last event that an `EventSource` has seen (`Last-Event-ID`), when it connects again.
    public var lastEventID: String? { self.grip.lastEventID }
}

/// A request context with what GRIP needs, and nothing else.
public struct BasicGRIPRequestContext: GRIPRequestContext {
    /// What Hummingbird itself needs.
    public var coreContext: CoreRequestContextStorage
    /// What is known about the way the request has come.
    public var grip: GRIPRequestState

    /// Makes a context.
    ///
    /// - Parameter source: Where the application makes contexts from.
    public init(source: Source) {
        self.coreContext = .init(source: source)
        self.grip = GRIPRequestState()
    }
}
