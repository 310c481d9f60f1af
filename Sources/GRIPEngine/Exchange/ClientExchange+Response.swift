import GRIP
package import HTTPTypes
package import NIOCore

extension ClientExchange {
    /// Takes the head of the origin's response.
    package mutating func receiveHead(_ head: HTTPResponse) -> [Action] {
        guard self.state == .sending else { return [] }
        if self.followsInstructions, GRIPInstruction.isPresent(in: head.headerFields) {
            guard self.body.isRemembered else {
                self.state = .ended
                return [.cancelOrigin, self.respond(.requestTooLarge)]
            }
            self.state = .collecting(head, ByteBuffer())
            return []
        }
        guard self.jsonp == nil else {
            self.state = .collecting(head, ByteBuffer())
            return []
        }
        self.state = .relaying
        var head = head
        let length = self.bodyLength(of: head)
        head.headerFields = self.visible(HeaderPolicy.responseFields(head.headerFields, kind: .relayed))
        if length != .none { head.headerFields[.contentLength] = nil }
        return [.begin(head, length)] + (self.isClientWritable ? [] : [.readOrigin(false)])
    }

    /// How long the body of a response that passes through is for the client.
    private func bodyLength(of head: HTTPResponse) -> BodyLength {
        if self.request.method == .head || !head.status.allowsBody { return .none }
        guard let text = head.headerFields[values: .contentLength].first, let length = Int(text), length >= 0,
            head.headerFields[.transferEncoding] == nil
        else { return .untilEnd }
        return .known(length)
    }

    /// Takes a piece of the origin's body.
    package mutating func receiveResponseBody(_ bytes: ByteBuffer) -> [Action] {
        switch self.state {
        case .sending, .decoding, .ended: return []
        case .relaying, .relayingBeforeHold: return [.write(bytes)]
        case .collecting(let head, var body):
            // The state lets go of its buffer, or the append would copy it.
            self.state = .sending
            body.writeImmutableBuffer(bytes)
            self.state = .collecting(head, body)
            guard body.readableBytes > self.rules.instructedBody else { return [] }
            return self.relayBeforeHold(head, body)
        }
    }

    /// Lets a body that is too long to be collected pass, where its instructions allow that.
    private mutating func relayBeforeHold(_ head: HTTPResponse, _ body: ByteBuffer) -> [Action] {
        // Without instructions to follow it is collected for a script.
        guard self.followsInstructions, GRIPInstruction.isPresent(in: head.headerFields),
            !GRIPInstruction.isDocument(head.headerFields)
        else { return self.refuseAsTooLong() }
        if let coding = ContentCoding(head.headerFields) {
            return self.refuse("\(ContentCodingError.incomplete(coding))")
        }
        let instruction: GRIPInstruction
        do throws(GRIPError) {
            instruction = try GRIPInstruction(fields: head.headerFields)
            // After the head it would be too late to refuse a link.
            _ = try self.links(of: instruction)
        } catch {
            return self.refuse("\(error.reason)")
        }
        let goesOn = instruction.hold?.mode == .stream || (instruction.hold == nil && instruction.nextLink != nil)
        guard goesOn, !instruction.channels.contains(where: { $0.filters.contains(.buildID) }) else {
            return self.refuseAsTooLong()
        }
        let clientHead = self.clientHead(head, instruction).unbuffered(true)
        if let problem = Self.problem(of: clientHead.status, isStream: true) { return self.refuse(problem) }
        self.state = .relayingBeforeHold(head, instruction)
        let pause: [Action] = self.isClientWritable ? [] : [.readOrigin(false)]
        return [.begin(clientHead, .untilEnd), .write(body)] + pause
    }

    /// Takes the end of the origin's response.
    package mutating func endResponse(_ trailers: HTTPFields?) -> [Action] {
        switch self.state {
        case .ended, .decoding: return []
        case .sending: return self.originFailed(.closed)
        case .relaying:
            self.state = .ended
            return [.end(HeaderPolicy.responseTrailers(trailers))]
        case .collecting(let head, let body):
            guard body.readableBytes > 0, let coding = ContentCoding(head.headerFields) else {
                return self.follow(head, body)
            }
            self.state = .decoding(head)
            return [.decode(coding, body, limit: self.rules.instructedBody)]
        case .relayingBeforeHold(let head, let instruction):
            return self.start(instruction, self.clientHead(head, instruction), ByteBuffer(), hasBegun: true)
        }
    }

    /// Takes the body of the response, decoded.
    package mutating func decoded(_ result: Result<ByteBuffer, ContentCodingError>) -> [Action] {
        guard case .decoding(var head) = self.state else { return [] }
        switch result {
        case .success(let body):
            head.headerFields[.contentEncoding] = nil
            return self.follow(head, body)
        case .failure(let error): return self.refuse("\(error)")
        }
    }

    private mutating func follow(_ head: HTTPResponse, _ body: ByteBuffer) -> [Action] {
        guard self.followsInstructions, GRIPInstruction.isPresent(in: head.headerFields) else {
            self.state = .ended
            var fields = HeaderPolicy.responseFields(head.headerFields, kind: .relayed)
            fields[.contentLength] = nil
            return self.answer(HTTPResponse(status: head.status, headerFields: fields), body, hasBegun: false)
        }
        do throws(GRIPError) {
            guard GRIPInstruction.isDocument(head.headerFields) else {
                let instruction = try GRIPInstruction(fields: head.headerFields)
                return self.start(instruction, self.clientHead(head, instruction), body, hasBegun: false)
            }
            guard head.status.code == 200 else {
                return self.refuse("an instruct document must come with status 200, not \(head.status.code)")
            }
            let document = try GRIPInstructDocument(json: body, fields: head.headerFields)
            let status = (document.response.status ?? document.instruction.status)?.withReason ?? head.status
            let fields = HeaderPolicy.responseFields(
                document.response.fields,
                kind: .instructed,
                exposing: document.instruction.exposedHeaders.map(Set.init)
            )
            return self.start(
                document.instruction,
                HTTPResponse(status: status, headerFields: self.visible(fields)),
                document.response.body.bytes,
                hasBegun: false
            )
        } catch {
            return self.refuse(error.reason)
        }
    }

    /// The head that the client gets when instructions are in the fields.
    private func clientHead(_ head: HTTPResponse, _ instruction: GRIPInstruction) -> HTTPResponse {
        HTTPResponse(
            status: instruction.status?.withReason ?? head.status,
            headerFields: self.visible(
                HeaderPolicy.responseFields(
                    head.headerFields,
                    kind: .instructed,
                    exposing: instruction.exposedHeaders.map(Set.init)
                )
            )
        )
    }

    private mutating func refuse(_ reason: String) -> [Action] { self.refuse(reason, .badInstruction(reason)) }

    private mutating func refuseAsTooLong() -> [Action] {
        let reason = "the response with instructions has more than \(self.rules.instructedBody) bytes"
        return self.refuse(reason, .responseTooLong(reason))
    }

    private mutating func refuse(_ reason: String, _ note: Note) -> [Action] {
        self.state = .ended
        let reply = ProxyReply.originFailed(
            "Failed to parse accept instructions: \(reason)",
            isDebugging: self.isDebugging
        )
        return [.cancelOrigin, .note(note), self.respond(reply)]
    }

    // MARK: What follows

    private mutating func start(
        _ instruction: GRIPInstruction,
        _ head: HTTPResponse,
        _ body: ByteBuffer,
        hasBegun: Bool
    ) -> [Action] {
        let links: (next: HoldTerms.NextLink?, gone: LinkTarget?)
        let first: ByteBuffer
        do throws(GRIPError) {
            links = try self.links(of: instruction)
            first =
                instruction.hold?.mode == .response
                ? body : try ResponseFilter.filtered(body, by: instruction)
        } catch {
            return self.refuse(error.reason)
        }
        let mode = self.request.method == .head ? nil : Self.mode(of: instruction)
        if let problem = Self.problem(of: head.status, isStream: mode?.isStream ?? false) {
            return self.refuse(problem)
        }
        guard let mode else {
            self.state = .ended
            return self.answer(head, first, hasBegun: hasBegun)
        }
        let (channels, leftOut) = [HeldChannel].held(
            instruction.channels,
            implicit: self.target?.subscriptions ?? [],
            prefix: self.route.channelPrefix,
            limit: self.rules.subscriptions
        )
        var terms = HoldTerms()
        terms.meta = instruction.meta
        terms.keepAlive = instruction.hold?.keepAlive
        terms.nextLink = links.next
        let start = HoldStart(
            mode: mode,
            head: head.unbuffered(mode.isStream),
            body: first,
            hasBegun: hasBegun,
            channels: mode == .pages ? [] : channels,
            terms: terms,
            goneLink: links.gone,
            requestBody: self.body.remembered,
            jsonp: mode.isStream ? nil : self.jsonp
        )
        self.state = .ended
        return (!leftOut.isEmpty ? [.note(.channelsLeftOut(leftOut))] : []) + [.hold(start)]
    }

    /// Why a response with instructions cannot have a status, or nothing when it can.
    private static func problem(of status: HTTPResponse.Status, isStream: Bool) -> String? {
        guard status.isFinal else { return "no response ends with status \(status.code)" }
        return !isStream || status.allowsBody ? nil : "a response with status \(status.code) cannot go on"
    }

    private static func mode(of instruction: GRIPInstruction) -> HoldStart.Mode? {
        switch instruction.hold?.mode {
        case .response: .response(timeout: instruction.hold?.timeout)
        case .stream: .stream
        case nil: instruction.nextLink == nil ? nil : .pages
        }
    }

    private func answer(_ head: HTTPResponse, _ body: ByteBuffer, hasBegun: Bool) -> [Action] {
        if hasBegun { return [.end(nil)] }
        if let jsonp {
            let script = jsonp.wrap(status: head.status, fields: head.headerFields, body: body)
            return [.respond(ProxyReply(script))]
        }
        guard self.request.method != .head, head.status.allowsBody else { return [.begin(head, .none), .end(nil)] }
        return [.begin(head, .known(body.readableBytes)), .write(body), .end(nil)]
    }

    private func links(
        of instruction: GRIPInstruction
    ) throws(GRIPError) -> (next: HoldTerms.NextLink?, gone: LinkTarget?) {
        guard instruction.nextLink != nil || instruction.goneLink != nil else { return (nil, nil) }
        let resolver = self.linkResolver
        let route = self.route
        return (
            try instruction.nextLink.map { link throws(GRIPError) in try resolver.next(link, along: route) },
            try instruction.goneLink.map { link throws(GRIPError) in
                try resolver.target(of: link.uri, along: route).target
            }
        )
    }

    /// Resolves the links of this exchange and of the pages that follow it.
    package var linkResolver: LinkResolver {
        guard let target = self.target else { return LinkResolver(self.request.authority, self.request.path) }
        let asked = RequestTarget(authority: self.request.authority, path: self.request.path)
            .rewritten(by: self.route, for: target)
        var resolver = LinkResolver(asked.authority, asked.path)
        resolver.authorities.append(self.request.authority)
        resolver.clientPath = self.request.path
        resolver.isSecure = self.rules.policy.isSecure(self.request.fields, overTLS: self.request.isOverTLS)
        return resolver
    }
}

extension HTTPResponse {
    /// With `X-Accel-Buffering: no` where it is the head of a stream and the origin says nothing about that.
    ///
    /// An nginx as it is shipped waits for more of a response before it passes any of it on.
    fileprivate func unbuffered(_ isStream: Bool) -> HTTPResponse {
        guard isStream, self.headerFields[.accelBuffering] == nil else { return self }
        var copy = self
        copy.headerFields[.accelBuffering] = "no"
        return copy
    }
}

extension HTTPResponse.Status {
    /// Whether a response with it answers a request; smaller codes are word on the way to one that does.
    package var isFinal: Bool { self.code >= 200 }

    /// Whether a response with it can have a body.
    package var allowsBody: Bool { self.isFinal && self.code != 204 && self.code != 304 }
}
