import GRIPEngine
import HTTPTypes
import NIOCore

/// One request for a page, for everybody who waits for it.
final class LinkRequest: OriginReceiver {
    private let method: HTTPRequest.Method
    private let target: LinkTarget
    private let uri: URIReference
    private let lastIDs: [HeaderPolicy.LastID]
    private let context: LinkContext
    private let loop: ProxyLoop
    private var waiters: [(LinkFetch, LinkContext)] = []
    private var attempt = 0
    private var call: (any OriginCall)?
    private var head: HTTPResponse?
    private var body = ByteBuffer()
    private var finished: (() -> Void)?

    init(
        _ method: HTTPRequest.Method,
        _ target: LinkTarget,
        uri: URIReference,
        lastIDs: [HeaderPolicy.LastID],
        in context: LinkContext,
        loop: ProxyLoop
    ) {
        self.method = method
        self.target = target
        self.uri = uri
        self.lastIDs = lastIDs
        self.context = context
        self.loop = loop
    }

    func join(_ waiter: LinkFetch, in context: LinkContext) { self.waiters.append((waiter, context)) }

    /// Asks.
    ///
    /// - Parameter finished: Called when nobody can join any more.
    func begin(finished: @escaping () -> Void) {
        self.finished = finished
        self.loop.keep(self)
        self.open()
    }

    private func open() {
        var request = self.context.request(
            self.method,
            self.target,
            attempt: self.attempt,
            lastIDs: self.lastIDs,
            policy: self.loop.rules.policy,
            token: self.loop.token(for: self.context.route)
        )
        request.isAwaited = self.method == .get
        self.loop.counters.originRequests += 1
        let call = self.loop.client(for: request.destination).open(request, for: self)
        self.call = call
        call.start()
    }

    private func failed(_ problem: LinkProblem, _ reason: String) {
        let problem = self.method == .get ? problem : .gone
        self.loop.counters.linkFailures[problem, default: 0] += 1
        self.loop.linkFailed(self.method, self.target, reason, route: self.context.route)
    }

    private func complete(_ result: (LinkContext) -> Result<HoldPage, LinkFetch.Failure>) {
        self.finished?()
        self.finished = nil
        self.call = nil
        self.loop.release(self)
        let waiters = self.waiters
        self.waiters = []
        for (waiter, context) in waiters where waiter.isWanted { waiter.complete(result(context)) }
    }

    // MARK: From the origin

    func originWritabilityChanged(_ isWritable: Bool) {
        if isWritable { self.call?.end(nil) }
    }

    func originHead(_ head: HTTPResponse) { self.head = head }

    func originBody(_ bytes: ByteBuffer) {
        self.body.writeImmutableBuffer(bytes)
        let limit = self.loop.limits.linkedPage
        guard self.body.readableBytes > limit else { return }
        self.loop.isTooLarge(.linkedPage)
        self.call?.cancel()
        let reason = "the page has more than \(limit) bytes (limits.linkedPage)"
        self.failed(.page, reason)
        self.complete { _ in .failure(.never(reason)) }
    }

    func originReadComplete() {}

    func originEnd(_ trailers: HTTPFields?) {
        guard let head = self.head else { return self.originFailed(.closed) }
        let isPage = (200...299).contains(head.status.code)
        if !isPage {
            self.failed(.status, "it is answered with status \(head.status.code)")
        }
        guard self.method == .get else { return self.complete { _ in .failure(.never("nobody waits for a page")) } }
        var body = self.body
        if isPage, body.readableBytes > 0, let coding = ContentCoding(head.headerFields) {
            switch ContentDecoder.decode(body, coding, limit: self.loop.limits.linkedPage) {
            case .success(let decoded): body = decoded
            case .failure(let error):
                let reason = "the page cannot be read: \(error)"
                self.failed(.page, reason)
                return self.complete { _ in .failure(.never(reason)) }
            }
        }
        self.complete { context in
            do throws(LinkContext.PageError) {
                return .success(try context.page(head, body, at: self.uri))
            } catch {
                switch error {
                case .status(let code): return .failure(.later("the page answers with status \(code)"))
                case .unusable(let reason):
                    self.failed(.page, reason)
                    return .failure(.never(reason))
                }
            }
        }
    }

    func originFailed(_ failure: OriginFailure) {
        self.loop.counters.originFailures[failure.label, default: 0] += 1
        if failure.wasNeverSent, self.attempt + 1 < self.context.attempts(for: self.target) {
            self.attempt += 1
            return self.open()
        }
        self.failed(.origin, "the origin \(failure)")
        self.complete { _ in .failure(.later("the origin \(failure)")) }
    }
}
