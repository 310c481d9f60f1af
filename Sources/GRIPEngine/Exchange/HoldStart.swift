import GRIP
package import HTTPTypes
package import NIOCore

/// What an exchange becomes when the origin says to hold, or to go on with a next link.
package struct HoldStart: Sendable, Hashable {
    package enum Mode: Sendable, Hashable {
        /// The response waits for an item.
        case response(timeout: Duration?)
        /// The response goes on with items.
        case stream
        /// The response goes on with the pages that the next link leads to.
        case pages

        package var isStream: Bool { if case .response = self { false } else { true } }
    }

    package var mode: Mode
    /// The origin's response as the client may see it.
    package var head: HTTPResponse
    package var body: ByteBuffer
    /// Whether the client has head and body already.
    package var hasBegun = false
    package var channels: [HeldChannel]
    package var terms: HoldTerms
    /// Where to say that the hold is over.
    package var goneLink: LinkTarget?
    /// The body of the client's request, to ask again; nothing when it had not come to its end.
    package var requestBody: [ByteBuffer]?
    /// What is done to the answer when a script has asked.
    ///
    /// A stream has no end that it could close.
    package var jsonp: JSONPWrapper?
}
