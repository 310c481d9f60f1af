/// Where items come from.
enum PublishSource: String, Sendable, Hashable, CaseIterable {
    /// A publisher of the control API.
    case control
    /// The program that the proxy is a part of.
    case application
    /// Another instance.
    case bus

    /// Whether other instances are to have the items too.
    ///
    /// Those of another instance have gone to all of them already.
    var goesToBus: Bool { self != .bus }
}
