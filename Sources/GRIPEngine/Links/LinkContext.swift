package import GRIP
package import HTTPTypes
package import NIOCore

/// What the links of one held connection need: where they lead and what their pages mean.
package final class LinkContext: Sendable {
    package let route: Route
    package let resolver: LinkResolver
    /// The target that answered, which adds channels of its own.
    private let target: RouteTarget?
    private let subscriptions: Int

    package init(route: Route, target: RouteTarget?, resolver: LinkResolver, subscriptions: Int) {
        self.route = route
        self.target = target
        self.resolver = resolver
        self.subscriptions = subscriptions
    }

    /// How many places a link can be asked for at: the targets of the route, one after the other, or one server.
    package func attempts(for link: LinkTarget) -> Int {
        switch link {
        case .route: self.route.targets.count
        case .server: 1
        }
    }

    /// The request that a link makes.
    ///
    /// - Parameters:
    ///   - method: `GET` for a next link, `POST` for a gone link.
    ///   - link: Where it leads.
    ///   - attempt: Which of the ``attempts(for:)`` it is, from 0.
    ///   - lastIDs: What the client has seen.
    ///   - policy: What goes into the fields.
    ///   - token: The signature, or nothing without a key.
    package func request(
        _ method: HTTPRequest.Method,
        _ link: LinkTarget,
        attempt: Int = 0,
        lastIDs: [HeaderPolicy.LastID] = [],
        policy: HeaderPolicy,
        token: GRIPSecret?
    ) -> OriginRequest {
        var policy = policy
        policy.forwardedProtocol = .off
        policy.forwardedFor = ForwardedFor()
        // Secrets of this route are for its targets: another server that got a signature could show it to them as its
        // own.
        let isOwn = if case .route = link { true } else { false }
        var route = self.route
        if !isOwn { route.headers = [] }
        let fields = policy.requestFields(
            [:],
            from: HeaderPolicy.Client(peerAddress: ""),
            route: route,
            token: isOwn ? token?.text : nil,
            lastIDs: lastIDs
        )
        let length = method == .post ? BodyLength.known(0) : .none
        switch link {
        case .route(let path):
            let target = self.route.targets[min(attempt, self.route.targets.count - 1)]
            let asked = self.resolver.authorities.last.flatMap { $0.isEmpty ? nil : $0 }
            let authority = target.hostOverride ?? self.route.hostOverride ?? asked ?? target.authority
            return OriginRequest(
                to: OriginDestination(target, authority: authority),
                method: method,
                authority: authority,
                path: path,
                fields: fields,
                bodyLength: length
            )
        case .server(let isSecure, let host, let port, let authority, let path):
            var server = OriginServer(host: host, port: port, tls: isSecure ? .init(serverName: host) : nil)
            server.isUntrusted = self.target?.isUntrusted ?? false
            return OriginRequest(
                to: .server(server),
                method: method,
                authority: authority,
                path: path,
                fields: fields,
                bodyLength: length
            )
        }
    }

    /// Why a page is of no use.
    package enum PageError: Error, Sendable, Hashable {
        /// It may be there later.
        case status(Int)
        /// Asking again will not help.
        case unusable(String)
    }

    /// Reads what a next link led to.
    ///
    /// - Parameters:
    ///   - head: The head of the response.
    ///   - body: The whole body.
    ///   - uri: The URI of the page.
    package func page(_ head: HTTPResponse, _ body: ByteBuffer, at uri: URIReference) throws(PageError) -> HoldPage {
        guard (200...299).contains(head.status.code) else { throw .status(head.status.code) }
        do throws(GRIPError) {
            let instruction: GRIPInstruction
            var body = body
            if GRIPInstruction.isDocument(head.headerFields) {
                let document = try GRIPInstructDocument(json: body, fields: head.headerFields)
                instruction = document.instruction
                body = document.response.body.bytes
            } else {
                instruction = try GRIPInstruction(fields: head.headerFields)
            }
            return try self.page(instruction, body, at: uri)
        } catch {
            throw .unusable(error.reason)
        }
    }

    private func page(
        _ instruction: GRIPInstruction,
        _ body: ByteBuffer,
        at uri: URIReference
    ) throws(GRIPError) -> HoldPage {
        guard instruction.hold?.mode != .response else {
            throw GRIPError(.hold, "the page that a next link leads to must not hold a response")
        }
        var terms = HoldTerms()
        terms.meta = instruction.meta
        terms.keepAlive = instruction.hold?.keepAlive
        terms.nextLink = try instruction.nextLink.map { link throws(GRIPError) in
            try self.resolver.next(link, on: uri, along: self.route)
        }
        let (channels, leftOut) = [HeldChannel].held(
            instruction.channels,
            implicit: self.target?.subscriptions ?? [],
            prefix: self.route.channelPrefix,
            limit: self.subscriptions
        )
        let continuation: HoldPage.Continuation =
            if instruction.hold != nil { .hold } else if terms.nextLink != nil { .follow } else { .end }
        var page = HoldPage(
            continuation: continuation,
            channels: channels,
            terms: terms,
            body: try ResponseFilter.filtered(body, by: instruction)
        )
        page.leftOut = leftOut
        return page
    }
}
