/// One path of the origin: what it answers there, and who asked.
final class OriginPage: Sendable {
    private struct State: Sendable {
        var answers: [OriginAnswer]
        var requests: [OriginRequest] = []
        /// What the origin found wrong, in a task that is not the scenario's.
        var failure: GRIPConformanceFailure?
    }

    let path: String
    private let patience: Duration
    private let state: Watched<State>

    init(path: String, patience: Duration, answers: [OriginAnswer]) {
        self.path = path
        self.patience = patience
        self.state = Watched(State(answers: answers))
    }

    /// Changes what is answered from now on; the last answer stays.
    func answer(_ answers: [OriginAnswer]) { self.state.change { $0.answers = answers } }

    /// All requests so far.
    var requests: [OriginRequest] { self.state.value.requests }

    /// The first, second … request, which is waited for.
    @discardableResult
    func request(_ number: Int = 1, within limit: Duration? = nil) async throws -> OriginRequest {
        let limit = limit ?? self.patience
        let found = try await self.state.first(within: limit) { state -> OriginRequest? in
            if let failure = state.failure { throw failure }
            return state.requests.count >= number ? state.requests[number - 1] : nil
        }
        guard let found else {
            throw GRIPConformanceFailure(
                expected: "request \(number) for \(self.path) at the origin",
                observed: "\(self.requests.count) within \(limit)"
            )
        }
        return found
    }

    /// The first request that fits, which is waited for.
    @discardableResult
    func request(
        _ what: String,
        within limit: Duration? = nil,
        where fits: @Sendable (OriginRequest) throws -> Bool
    ) async throws -> OriginRequest {
        let limit = limit ?? self.patience
        let found = try await self.state.first(within: limit) { state in try state.requests.first(where: fits) }
        guard let found else {
            let bodies = self.requests.map { "\($0.head.startLine) \($0.body.excerpt)" }.joined(separator: "; ")
            throw GRIPConformanceFailure(
                expected: "\(what) at the origin",
                observed: bodies.isEmpty ? "no request within \(limit)" : "\(bodies) within \(limit)"
            )
        }
        return found
    }

    func check() throws { if let failure = self.state.value.failure { throw failure } }

    /// Answers one request.
    func serve(_ exchange: OriginExchange) async throws {
        let answer = self.state.change { state -> OriginAnswer? in
            state.answers.count > 1 ? state.answers.removeFirst() : state.answers.first
        }
        exchange.page = self
        do {
            guard let answer else { throw GRIPConformanceFailure(expected: "no request", observed: self.path) }
            try await answer.serve(exchange)
        } catch let failure as GRIPConformanceFailure where !exchange.isCutOff {
            self.state.change { $0.failure = $0.failure ?? failure }
            throw failure
        }
    }

    /// Remembers a request.
    func record(_ request: OriginRequest) { self.state.change { $0.requests.append(request) } }
}
