import GRIPEngine
import HTTPTypes
import NIOCore

/// Fetches the pages that next links lead to.
///
/// Who asks for the same page as somebody who is waiting for it waits for the same answer.
final class LinkClient {
    struct Key: Hashable {
        var target: LinkTarget
        var lastIDs: Set<HeaderPolicy.LastID>
        var route: Int
    }

    private unowned let loop: ProxyLoop
    private var requests: [Key: LinkRequest] = [:]

    init(loop: ProxyLoop) { self.loop = loop }

    /// Fetches a page.
    ///
    /// - Parameters:
    ///   - fetch: What the hold wants.
    ///   - context: What its links need.
    ///   - completion: Called once, unless the fetch is cancelled.
    func fetch(
        _ fetch: StreamHold.Fetch,
        in context: LinkContext,
        completion: @escaping (Result<HoldPage, LinkFetch.Failure>) -> Void
    ) -> LinkFetch {
        let waiter = LinkFetch(completion)
        let key = Key(target: fetch.target, lastIDs: Set(fetch.lastIDs), route: context.route.line)
        if let request = self.requests[key] {
            request.join(waiter, in: context)
            return waiter
        }
        self.loop.counters.linksFollowed += 1
        let request = LinkRequest(
            .get,
            fetch.target,
            uri: fetch.uri,
            lastIDs: fetch.lastIDs,
            in: context,
            loop: self.loop
        )
        self.requests[key] = request
        request.join(waiter, in: context)
        request.begin { self.requests[key] = nil }
        return waiter
    }

    /// Says that a hold is over.
    ///
    /// Nobody waits for the answer.
    func notify(_ gone: GoneLink) {
        let uri = URIReference(scheme: "", authority: "", path: "")
        LinkRequest(.post, gone.target, uri: uri, lastIDs: [], in: gone.context, loop: self.loop).begin {}
    }
}
