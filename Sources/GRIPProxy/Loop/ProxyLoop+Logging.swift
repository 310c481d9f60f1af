import GRIP
import GRIPEngine
import HTTPTypes
import Logging

extension ProxyLoop {
    func log(_ note: ClientExchange.Note, for request: ClientRequest, route: Route?) {
        let place = Self.place(of: route)
        switch note {
        case .noRoute:
            self.log.write(
                .info,
                .noRoute,
                "no route is for the host '\(self.log.cut(request.authority))' and this path; the client got 502; "
                    + "add a route for them, or one for all hosts with *",
                Self.metadata(of: request)
            )
        case .originFailed(let failure, let index):
            let target = route.flatMap { $0.targets.indices.contains(index) ? $0.targets[index] : nil }
            let name = target?.description ?? "target \(index + 1)"
            self.log.write(
                Self.level(of: failure, target: target),
                .originFailed,
                about: name,
                "the origin \(name) (\(place)) \(failure)",
                Self.metadata(of: request)
            )
        case .badInstruction(let reason):
            self.counters.badInstructions += 1
            self.log.write(
                .warning,
                .badInstruction,
                about: place,
                "the origin's instructions (\(place)) are not valid, the client got 502: \(self.log.cut(reason))",
                Self.metadata(of: request)
            )
        case .responseTooLong(let reason):
            self.isTooLarge(.instructedBody)
            self.log.write(
                .warning,
                .badResponse,
                about: place,
                "the origin's response (\(place)) cannot be used, the client got 502: \(self.log.cut(reason)); "
                    + "limits.instructedBody is the limit",
                Self.metadata(of: request)
            )
        case .channelsLeftOut(let channels): self.leftOut(channels, of: 0, isNamed: false)
        }
    }

    /// A server that cannot be reached is told about when that begins and while it goes on, see ``OriginOutages``.
    private static func level(of failure: OriginFailure, target: RouteTarget?) -> Logger.Level {
        guard case .unreachable = failure, case .server = target?.destination else { return .warning }
        return .debug
    }

    /// Notes that a client has sent something that is not a request.
    func log(_ problem: HTTP1Problem, of connection: UInt64) {
        let code = problem.reply.head.status.code
        self.log.write(
            .info,
            .badRequest,
            about: "\(code)",
            "a client's request cannot be read, it got \(code): \(problem.reason)",
            ["grip.connection": "\(connection)"]
        )
    }

    /// Notes channels of a held connection that are over the limit.
    func leftOut(_ channels: [String], of client: any ProxyClient) {
        guard !channels.isEmpty else { return }
        self.leftOut(channels, of: client.id, isNamed: client.hasNamedLeftOutChannel)
        client.hasNamedLeftOutChannel = true
    }

    /// Notes channels of a held connection that are over the limit.
    ///
    /// - Parameter isNamed: Whether the log has named one of this connection.
    func leftOut(_ channels: [String], of connection: UInt64, isNamed: Bool) {
        guard let first = channels.first else { return }
        self.counters.channelsLeftOut += channels.count
        guard !isNamed else { return }
        let others = channels.count > 1 ? " and \(channels.count - 1) more are" : " is"
        self.log.write(
            .warning,
            .channelLeftOut,
            "the channel '\(self.log.cut(first))'\(others) over the limit of channels for a connection; "
                + "the client gets nothing that is published there. "
                + "limits.subscriptionsPerConnection is \(self.limits.subscriptionsPerConnection)",
            ["grip.connection": "\(connection)", "grip.channel": "\(first)"]
        )
    }

    func log(_ reason: StreamHold.EndReason, for request: ClientRequest, route: Route?) {
        let place = Self.place(of: route)
        switch reason {
        case .closed, .lastPage, .ended: break
        case .noNextLink(let channel):
            self.log.write(
                .warning,
                .streamEnded,
                about: place,
                "a stream (\(place)) ended: items of the channel '\(self.log.cut(channel))' are missing, "
                    + "and the origin gave no next link to fetch them from",
                Self.metadata(of: request)
            )
        case .linkFailed(let reason):
            self.log.write(
                .warning,
                .streamEnded,
                about: place,
                "a stream (\(place)) ended, because its next link failed: \(self.log.cut(reason))",
                Self.metadata(of: request)
            )
        case .tooManyPages(let count):
            self.counters.linkFailures[.pages, default: 0] += 1
            self.log.write(
                .warning,
                .streamEnded,
                about: place,
                "a stream (\(place)) ended, because \(count) pages followed each other without a hold; "
                    + "a next link may lead round in a circle, or limits.linkedPages is too small",
                Self.metadata(of: request)
            )
        }
    }

    /// Notes that the pages of a stream follow each other without an end in sight.
    func pagesSlowedDown(_ count: Int, for request: ClientRequest, route: Route?) {
        let place = Self.place(of: route)
        self.counters.linkFailures[.slowed, default: 0] += 1
        self.log.write(
            .info,
            .pagesSlowedDown,
            about: place,
            "\(count) pages of a stream (\(place)) followed each other without a hold, and further ones come ten a second; "
                + "a next link may lead round in a circle",
            Self.metadata(of: request)
        )
    }

    func log(_ failure: WebSocketFailure, for request: ClientRequest, route: Route) {
        let place = Self.place(of: route)
        let level: Logger.Level =
            switch failure {
            case .shuttingDown: .debug
            case .closeTimeout, .disconnected: .info
            // That is said of the origin, once.
            case .unreachable: .debug
            default: .warning
            }
        self.log.write(
            level,
            .webSocketFailed,
            about: place,
            "a WebSocket (\(place)) ended: \(failure)",
            Self.metadata(of: request)
        )
    }

    /// Notes that a link of the origin did not lead to what it should.
    func linkFailed(_ method: HTTPRequest.Method, _ target: LinkTarget, _ reason: String, route: Route) {
        let place = Self.place(of: route)
        let kind = method == .post ? "gone" : "next"
        self.log.write(
            .warning,
            .linkFailed,
            about: "\(kind) links, \(place)",
            "a \(kind) link (\(place)) to '\(self.log.path(target.text))' failed: \(self.log.cut(reason))",
            ["http.request.method": "\(method)", "url.path": "\(LogText.wholePath(target.text))"]
        )
    }

    func logFilterFailure(_ reason: String, channel: String) {
        self.counters.filterFailures += 1
        self.log.write(
            .warning,
            .itemLeftOut,
            "an item was left out for a client, because a filter or a patch failed: \(self.log.cut(reason))",
            ["grip.channel": "\(channel)"]
        )
    }

    func logOverflow(of member: HeldMember) {
        let closes = self.limits.overflow == .close
        self.log.write(
            .info,
            .clientOverflowed,
            "a client does not keep up and " + (closes ? "is disconnected" : "misses an item")
                + "; limits.queuedBytes is \(self.limits.queuedBytes)",
            ["grip.connection": "\(member.id)"]
        )
    }

    /// Notes that a client is disconnected for taking too long.
    func timedOut(_ connection: UInt64, _ reason: ClientTimeout) {
        self.counters.clientsTimedOut[reason, default: 0] += 1
        self.log.write(
            .debug,
            .clientTimedOut,
            about: reason.rawValue,
            "a client took too long and is disconnected: \(reason)",
            ["grip.connection": "\(connection)"]
        )
    }

    /// Notes that something is not passed on because it is too large.
    func isTooLarge(_ limit: SizeLimit) { self.counters.tooLarge[limit, default: 0] += 1 }

    // MARK: Places

    /// Where a request came from, for a person.
    static func place(of route: Route?) -> String {
        switch route?.line {
        case nil: "no route"
        // The application that the proxy is a part of has the only route, which stands in no file.
        case 0?: "the application"
        case let line?: "route in line \(line)"
        }
    }

    static func metadata(of request: ClientRequest) -> Logger.Metadata {
        ["http.request.method": "\(request.method)", "url.path": "\(LogText.wholePath(request.path))"]
    }
}

extension LinkTarget {
    /// Where it leads, for a person.
    fileprivate var text: String {
        switch self {
        case .route(let path): path
        case .server(_, _, _, let authority, let path): authority + path
        }
    }
}
