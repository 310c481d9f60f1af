import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

/// The samples of "Presence".
@Suite(.timeLimit(.minutes(5))) struct PresenceSamples {
    /// Seats that are free again.
    private final class Seats: Sendable {
        let freed: AsyncStream<String>
        private let source: AsyncStream<String>.Continuation

        init() { (self.freed, self.source) = AsyncStream.makeStream() }

        func free(_ user: String, in room: String) async { self.source.yield("\(user) in \(room)") }
    }

    /// Who may not come back.
    private final class Bans: Sendable {
        private let users = Mutex<[String]>([])

        var all: [String] { self.users.withLock { $0 } }

        func add(_ user: String, to room: String) { self.users.withLock { $0.append("\(user) in \(room)") } }
    }

    private let bans = Bans()

    private func routes(_ router: Router<BasicGRIPRequestContext>, _ grip: GRIPOrigin) {
        let users = SampleUsers()
        let bans = self.bans

        router.get("room/{name}") { request, context in
            guard let user = users.user(for: request) else { throw HTTPError(.unauthorized) }
            let room = try GRIPChannel(
                context.parameters.require("name"),
                member: GRIPMember(user, info: #"{"status":"here"}"#)
            )
            return "".held(.stream(on: room, keepAlive: .eventStreamComment(after: .seconds(20))))
        }

        router.webSocketOverHTTP("lobby") { socket, request, _ in
            if socket.isOpening {
                guard let user = users.user(for: request) else { return socket.reject(status: .unauthorized) }
                socket.meta["user"] = user
                socket.accept()
                socket.subscribe(to: "lobby", as: try GRIPMember(user))
            }
            guard let user = socket.meta["user"] else { return }
            for case .text("away") in socket.messages {
                socket.subscribe(to: "lobby", as: try GRIPMember(user, info: #"{"status":"away"}"#))
            }
        }

        router.get("room/{name}/members") { _, context in
            let snapshot = try await grip.presence.members(of: context.parameters.require("name"))
            return snapshot.members.map(\.key).joined(separator: "\n") + (snapshot.isComplete ? "\n" : "\n…\n")
        }

        router.post("room/{name}/ban/{user}") { _, context in
            let (name, user) = (try context.parameters.require("name"), try context.parameters.require("user"))
            bans.add(user, to: name)
            try await grip.presence.kick(user, from: name)
            return "Ok\n"
        }
    }

    private func followed(_ grip: GRIPOrigin) async throws {
        func follow(_ room: String) async throws {
            var members: Set<String> = []
            for try await change in grip.presence.changes(of: room) {
                switch change {
                case .snapshot(let snapshot): members = Set(snapshot.members.map(\.key))
                case .joined(let member): members.insert(member.key)
                case .updated: break
                case .left(let member, _): members.remove(member.key)
                }
                try await grip.publish(.httpStream("data: \(members.count)\n\n"), to: "\(room)-count")
            }
        }
        try await follow("room")
    }

    private func application(_ grip: GRIPOrigin, _ seats: Seats) -> some ApplicationProtocol {
        let router = Router(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        self.routes(router, grip)
        let app = Application(
            router: router,
            server: .grip(grip) { departure in
                await seats.free(departure.member.key, in: departure.channel)
            },
            services: [grip]
        )
        return app
    }

    @Test("A member is listed, kicked and departed, with the names that handlers know", arguments: ["", "app-"])
    func embedded(prefix: String) async throws {
        var configuration = GRIPConfiguration()
        configuration.prefix = try GRIPPrefix(prefix)
        let grip = try GRIPOrigin(configuration)
        let seats = Seats()
        try await self.application(grip, seats).test(.ahc(.http)) { client async throws in
            var changes = grip.presence.changes(of: "blue").makeAsyncIterator()
            guard case .snapshot(let first)? = try await changes.next() else {
                Issue.record("There is no snapshot")
                return
            }
            #expect(first == GRIPPresenceSnapshot(channel: "blue", members: [], isComplete: true))
            async let stream = client.execute(uri: "/room/blue", method: .get, headers: [.authorization: "ann"])
            guard case .joined(let member)? = try await changes.next() else {
                Issue.record("Nobody joins")
                return
            }
            let ann = try GRIPMember("ann", info: #"{"status":"here"}"#)
            #expect(member.member == ann)
            let list = try await client.execute(uri: "/room/blue/members", method: .get)
            #expect(String(buffer: list.body) == "ann\n")
            let ban = try await client.execute(uri: "/room/blue/ban/ann", method: .post)
            #expect(String(buffer: ban.body) == "Ok\n")
            #expect(self.bans.all == ["ann in blue"])
            #expect(try await stream.status == .ok)
            guard case .left(_, .kicked)? = try await changes.next() else {
                Issue.record("Nobody is kicked")
                return
            }
            var freed = seats.freed.makeAsyncIterator()
            #expect(await freed.next() == "ann in blue")
        }
    }

    @Test("Where no proxy is embedded, the error says what to do")
    func unavailable() async throws {
        let alone = try GRIPOrigin(GRIPConfiguration())
        var configuration = GRIPConfiguration()
        configuration.proxies = [try GRIPProxyConfiguration(url: "http://localhost:5561")]
        let behind = try GRIPOrigin(configuration)
        for (grip, text) in [(alone, ".grip(grip)"), (behind, "Pushpin")] {
            do {
                _ = try await grip.presence.members(of: "room")
                Issue.record("There is presence")
            } catch {
                #expect(error.description.contains(text), "\(error)")
            }
            do {
                for try await _ in grip.presence.changes(of: "room") { Issue.record("There is a change") }
                Issue.record("The changes end")
            } catch {
                #expect(error.description.contains(text), "\(error)")
            }
        }
    }
}
