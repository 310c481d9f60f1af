package import NIOCore

/// What a next link led to: more of the stream, and how it goes on.
package struct HoldPage: Sendable, Hashable {
    /// How the stream goes on after a page.
    package enum Continuation: Sendable, Hashable {
        /// The stream waits for items.
        case hold
        /// The next page follows.
        case follow
        /// The page was the last.
        case end
    }

    package var continuation: Continuation
    package var channels: [HeldChannel]
    package var terms: HoldTerms
    package var body: ByteBuffer
    /// How many channels are left out, because there are more than there may be.
    package var leftOut: [String] = []

    package init(continuation: Continuation, channels: [HeldChannel], terms: HoldTerms, body: ByteBuffer) {
        self.continuation = continuation
        self.channels = channels
        self.terms = terms
        self.body = body
    }
}
