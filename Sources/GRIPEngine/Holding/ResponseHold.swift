import GRIP
package import HTTPTypes
package import NIOCore

/// A response that waits for an item (`Grip-Hold: response`): a long poll.
package struct ResponseHold: Sendable {
    /// What the client gets in the end.
    package struct Answer: Sendable, Hashable {
        package var head: HTTPResponse
        package var body: ByteBuffer

        package init(head: HTTPResponse, body: ByteBuffer) {
            self.head = head
            self.body = body
        }
    }

    package enum Reaction: Sendable, Hashable {
        case answer(Answer)
        /// Items are missing: the origin is to be asked again.
        ///
        /// The last id of the channel is no longer known.
        case recover(channel: String)
        /// The origin is to be asked again at once.
        case retry
        case skip
        /// A filter could not be applied, or the status is none of a response, so nothing is sent.
        case failed(String)
        /// The patch does not fit the held body, so the origin is to be asked for what there is now.
        case patchFailed(String)
    }

    private enum State: Sendable, Hashable {
        case holding
        case ended
    }

    /// What is answered when nothing is published.
    package static let defaultTimeout: Duration = .seconds(55)
    package static let minimumTimeout: Duration = .seconds(5)

    private var state = State.holding
    package private(set) var channels: [HeldChannel]
    package let meta: [String: String]
    /// The origin's own response.
    package let held: Answer
    /// When the held response is sent.
    package let deadline: EngineTime

    /// Makes a hold.
    ///
    /// - Parameters:
    ///   - held: The origin's response, which is sent when nothing is published in time and whose fields go into what is.
    ///   - channels: The channels, without those over the limit.
    ///   - meta: What filters may use.
    ///   - timeout: How long it is held, or nothing for the default.
    ///   - now: The time.
    package init(
        _ held: Answer,
        channels: [HeldChannel],
        meta: [String: String],
        timeout: Duration?,
        now: EngineTime
    ) {
        self.held = held
        self.channels = channels
        self.meta = meta
        self.deadline = now + max(timeout ?? Self.defaultTimeout, Self.minimumTimeout)
    }

    package var isEnded: Bool { self.state == .ended }

    /// Decides what an item means.
    ///
    /// - Parameters:
    ///   - delivery: The item.
    ///   - slot: The index of its channel.
    package mutating func receive(_ delivery: Delivery, slot: Int) -> Reaction {
        guard self.state == .holding, let response = delivery.response, self.channels.indices.contains(slot) else {
            return .skip
        }
        let content: GRIPHTTPResponse.Response
        switch response.action {
        case .close, .refresh: return .skip
        case .hint:
            self.state = .ended
            return .retry
        case .send(let response): content = response
        }
        let previousID = self.channels[slot].previousID
        if let previousID {
            guard delivery.item.previousID.isSameID(as: previousID) else {
                self.state = .ended
                return .recover(channel: delivery.channel)
            }
            self.channels[slot].previousID = delivery.item.id
        }
        let filters = self.channels[slot].filters
        guard filters.matches(contentFilters: response.contentFilters) else { return .skip }
        let reaction: Reaction
        if content.status.isFinal {
            reaction = self.answer(with: content, filters: filters, meta: delivery.item.meta)
        } else {
            reaction = .failed("no response ends with status \(content.status.code)")
        }
        switch reaction {
        // The client does not have it, and the origin must not believe that it has.
        case .failed, .patchFailed: self.channels[slot].previousID = previousID
        case .answer, .recover, .retry, .skip: break
        }
        return reaction
    }

    private mutating func answer(
        with response: GRIPHTTPResponse.Response,
        filters: FilterChain,
        meta: [String: String]
    ) -> Reaction {
        var answer = self.held
        answer.head = Self.merge(response, into: self.held.head)
        switch response.body {
        case .content(let content): answer.body = content.bytes
        case .patch(let patch):
            do throws(JSONPatchError) {
                answer.body = try patch.apply(to: self.held.body)
            } catch {
                // One that is not for the client is no reason to ask again.
                if self.apply(filters, to: self.held.body, meta: meta) == .dropped { return .skip }
                self.state = .ended
                return .patchFailed("\(error)")
            }
        }
        switch self.apply(filters, to: answer.body, meta: meta) {
        case .unchanged: break
        case .replaced(let body): answer.body = body
        case .dropped: return .skip
        case .failed(let reason): return .failed(reason)
        }
        self.state = .ended
        return .answer(answer)
    }

    private func apply(_ filters: FilterChain, to body: ByteBuffer, meta: [String: String]) -> FilterOutcome {
        guard !filters.isEmpty else { return .unchanged }
        let channels = self.channels
        let context = FilterContext(
            subscriptionMeta: self.meta,
            publicationMeta: meta,
            channelIDs: channels.channelIDs,
            isSubscribed: { name in channels.contains { $0.localName == name } }
        )
        return filters.apply(to: body, context: context)
    }

    /// The head of the held response with what an item says.
    private static func merge(_ response: GRIPHTTPResponse.Response, into held: HTTPResponse) -> HTTPResponse {
        var head = HTTPResponse(status: response.status.withReason, headerFields: held.headerFields)
        let exposed =
            response.headers[values: .gripExposeHeaders].isEmpty
            ? nil : Set(response.headers.listElements(.gripExposeHeaders).compactMap { HTTPField.Name($0) })
        let replaced = Set(response.headers.map(\.name))
        head.headerFields.removeAll { replaced.contains($0) }
        head.headerFields.append(contentsOf: HeaderPolicy.responseFields(response.headers, kind: .instructed))
        if let exposed { head.headerFields.removeAll { !exposed.contains($0) } }
        return head
    }

    /// Answers when nothing was published in time.
    ///
    /// - Parameter now: The time.
    /// - Returns: The held response, or nothing when it is not time or it has ended.
    package mutating func wake(at now: EngineTime) -> Answer? {
        guard self.state == .holding, now >= self.deadline else { return nil }
        self.state = .ended
        return self.held
    }

    /// Ends the hold because the origin is asked again or the client is gone.
    ///
    /// - Returns: Whether it was holding.
    package mutating func end() -> Bool {
        defer { self.state = .ended }
        return self.state == .holding
    }

    /// Ends the hold from this side.
    ///
    /// - Parameter end: Why it ends.
    /// - Returns: What the client gets: the held response, or a refusal where it is kicked.
    package mutating func answer(ending end: ConnectionEnd) -> Answer {
        self.state = .ended
        return end == .kicked ? self.refusal : self.held
    }

    /// What a client gets that is kicked.
    private var refusal: Answer {
        let reply = ProxyReply(.forbidden, "Kicked: this client was removed from the channel.")
        var answer = Answer(head: reply.head, body: reply.body)
        // A page of another origin could not even read the status without these.
        for field in self.held.head.headerFields where field.name.isAboutCrossOrigin {
            answer.head.headerFields.append(field)
        }
        return answer
    }
}

extension HTTPField.Name {
    /// Whether it says what pages of other origins may see.
    fileprivate var isAboutCrossOrigin: Bool { self == .vary || self.canonicalName.hasPrefix("access-control-") }
}
