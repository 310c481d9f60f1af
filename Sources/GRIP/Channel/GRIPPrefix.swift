/// What an application puts before all its channel names, to share a proxy with others.
///
/// It is applied when publishing, in instructions and in WebSocket subscriptions alike, so handlers never see it.
public struct GRIPPrefix: Sendable, Hashable, CustomStringConvertible {
    /// The text itself.
    public let text: String

    /// The prefix of an application that has the proxy to itself: nothing.
    public static let none = GRIPPrefix(unchecked: "")

    private init(unchecked text: String) { self.text = text }

    /// Makes a prefix.
    ///
    /// - Parameter text: What a channel name may begin with; see ``GRIPChannel/init(_:previousID:filters:member:)``. May be
    ///   empty.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/channel`` when a channel name could not begin so.
    public init(_ text: String) throws(GRIPError) {
        // A space at the end of a prefix is inside the name.
        if let problem = GRIPChannel.problem(inName: text + ".") {
            throw GRIPError(.channel, "a channel prefix must not \(problem)")
        }
        self.init(unchecked: text)
    }

    /// The text itself.
    public var description: String { self.text }
}
