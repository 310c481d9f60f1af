import GRIP
import GRIPNATS
import NIOCore
import Testing

@Suite("A connection to a server")
struct NATSSessionTests {
    private func time(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000) }

    /// All that is to be done after a text has come.
    private func feed(_ session: inout NATSSession, _ text: String, at seconds: Int64 = 0) -> [NATSSession.Action] {
        session.receive(ByteBuffer(string: text))
        return self.actions(&session, at: seconds)
    }

    private func actions(_ session: inout NATSSession, at seconds: Int64 = 0) -> [NATSSession.Action] {
        var actions: [NATSSession.Action] = []
        while let action = session.next(now: self.time(seconds)) { actions.append(action) }
        return actions
    }

    private func closing(_ actions: [NATSSession.Action]) -> GRIPNATSError? {
        guard actions.count == 1, case .close(let error) = actions[0] else { return nil }
        return error
    }

    private func session(_ configuration: NATSSession.Configuration = .init()) -> NATSSession {
        NATSSession(configuration, now: self.time(0))
    }

    private func ready() -> NATSSession {
        var session = self.session()
        _ = self.feed(&session, "INFO {\"max_payload\":10,\"headers\":true}\r\n")
        _ = self.feed(&session, "PONG\r\n")
        #expect(session.isReady)
        return session
    }

    // MARK: Beginning

    @Test func withoutCredentials() {
        var session = self.session(.init(name: "shop", echoes: false))
        #expect(
            self.feed(&session, "INFO {\"max_payload\":10,\"server_name\":\"n\"}\r\n")
                == [.send(.connect(NATSConnect(name: "shop", echoes: false))), .send(.ping)]
        )
        #expect(!session.isReady)
        var info = NATSServerInfo()
        info.maximumPayload = 10
        info.name = "n"
        #expect(self.feed(&session, "+OK\r\nPING\r\nPONG\r\n") == [.send(.pong), .ready(info)])
        #expect(session.isReady)
    }

    @Test func withCredentials() throws {
        let key = NATSKey(role: .user)
        var session = self.session(.init(credentials: try .key(seed: key.seed)))
        let connect = NATSConnect(authorization: .key(key.publicKey, signature: "?"))
        guard case .send(.connect(let sent)) = self.feed(&session, "INFO {\"nonce\":\"abc\"}\r\n").first,
            case .key(let publicKey, let signature) = sent.authorization
        else {
            Issue.record("no CONNECT")
            return
        }
        #expect(publicKey == key.publicKey && signature.count == 86 && sent.name == connect.name)
        var other = self.session(.init(credentials: try .key(seed: key.seed)))
        #expect(self.closing(self.feed(&other, "INFO {}\r\n"))?.code == .authorization)
    }

    @Test func tlsWhereItIsWanted() {
        for (requires, info) in [(true, "tls_available"), (false, "tls_required"), (true, "tls_required")] {
            var session = self.session(.init(credentials: .token("t"), requiresTLS: requires))
            #expect(self.feed(&session, "INFO {\"\(info)\":true}\r\n") == [.startTLS])
            #expect(self.actions(&session).isEmpty)
            session.encrypted()
            #expect(
                self.actions(&session)
                    == [.send(.connect(NATSConnect(authorization: .token("t"), usesTLS: true))), .send(.ping)]
            )
        }
        var plain = self.session()
        #expect(self.feed(&plain, "INFO {\"tls_available\":true}\r\n").first == .send(.connect(NATSConnect())))
        var atOnce = self.session(.init(requiresTLS: true, isEncrypted: true))
        #expect(
            self.feed(&atOnce, "INFO {\"tls_required\":true}\r\n").first == .send(.connect(NATSConnect(usesTLS: true)))
        )
    }

    /// A password must not be sent in the clear because somebody in between changed the INFO.
    @Test func tlsThatIsNotOffered() {
        var session = self.session(.init(credentials: .token("t"), requiresTLS: true))
        #expect(self.closing(self.feed(&session, "INFO {}\r\n"))?.code == .tls)
        #expect(self.feed(&session, "INFO {\"tls_required\":true}\r\n").isEmpty)
    }

    @Test func nothingThatCameBeforeTLSIsReadAfterIt() {
        var session = self.session(.init(requiresTLS: true))
        #expect(
            self.closing(self.feed(&session, "INFO {\"tls_required\":true}\r\nPONG\r\n"))?.code == .protocolViolation
        )
    }

    @Test(arguments: [
        "PING\r\n", "PONG\r\n", "MSG a 1 0\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", "INFO {\r\n", "INFO 5\r\n",
    ])
    func noInfoAtTheBeginning(text: String) {
        var session = self.session()
        #expect(self.closing(self.feed(&session, text))?.code == .protocolViolation)
        #expect(session.hasEnded && session.nextDeadline == nil)
    }

    @Test func aMessageBeforeItIsReady() {
        var session = self.session()
        _ = self.feed(&session, "INFO {}\r\n")
        #expect(self.closing(self.feed(&session, "MSG a 1 0\r\n\r\n"))?.code == .protocolViolation)
    }

    // MARK: Errors

    @Test(arguments: [
        ("Authorization Violation", NATSServerError.Kind.authorization),
        ("User Authentication Expired", .authorization),
        ("User Authentication Revoked", .authorization), ("Account Authentication Expired", .authorization),
        ("Authentication Timeout", .authorizationTimeout), ("Authorization Timeout", .authorizationTimeout),
        ("Permissions Violation for Publish to \"a\"", .permission),
        ("Permissions Violation for Subscription to \"a\"", .permission), ("Slow Consumer", .slowConsumer),
        ("Stale Connection", .stale), ("maximum connections exceeded", .tooManyConnections),
        ("maximum account active connections exceeded", .tooManyConnections),
        ("maximum subscriptions exceeded", .tooManySubscriptions), ("Maximum Payload Violation", .tooLarge),
        ("Secure Connection - TLS Required", .tlsRequired), ("Server Shutdown", .shutdown),
        ("Unknown Protocol Operation", .protocolViolation), ("Parser Error", .protocolViolation),
        ("Invalid Client Protocol", .protocolViolation), ("Maximum Control Line Exceeded", .protocolViolation),
        ("Attempted To Connect To Route Port", .protocolViolation), ("Invalid Publish Subject", .invalidSubject),
        ("Invalid Subject", .invalidSubject), ("Something New", .other),
    ])
    func errorsOfServers(text: String, kind: NATSServerError.Kind) {
        let error = NATSServerError(text)
        #expect(error.kind == kind)
        #expect(error.error.reason.contains(text))
        var session = self.ready()
        let actions = self.feed(&session, "-ERR '\(text)'\r\n")
        #expect(actions == (error.isFatal ? [.close(error.error)] : [.complain(error)]))
        #expect(session.hasEnded == error.isFatal)
        // Before a connection is ready, every error is its end.
        var other = self.session()
        _ = self.feed(&other, "INFO {}\r\n")
        #expect(self.feed(&other, "-ERR '\(text)'\r\n") == [.close(error.error)])
    }

    // MARK: Ready

    @Test func aConversation() {
        var session = self.ready()
        #expect(self.feed(&session, "PING\r\n") == [.send(.pong)])
        #expect(self.feed(&session, "MSG a 7 2\r\n").isEmpty)
        let message = GRIPNATSMessage(
            subscription: 7,
            subject: ByteBuffer(string: "a"),
            payload: ByteBuffer(string: "hi")
        )
        #expect(self.feed(&session, "hi\r\n") == [.deliver(message)])
        guard
            case .infoChanged(let info) = self.feed(&session, "INFO {\"ldm\":true,\"connect_urls\":[\"b:1\"]}\r\n")
                .first
        else {
            Issue.record("no INFO")
            return
        }
        #expect(info.isLeaving && info.servers == ["b:1"])
        #expect(self.closing(self.feed(&session, "WHAT\r\n"))?.code == .protocolViolation)
        #expect(self.feed(&session, "PING\r\n").isEmpty)
    }

    @Test func pingsAreAnsweredInOrder() {
        var session = self.ready()
        #expect(session.ping(1) == .send(.ping))
        #expect(session.wake(now: self.time(10)) == .send(.ping))
        #expect(session.ping(2) == .send(.ping))
        #expect(
            self.feed(&session, "PONG\r\nPONG\r\nPONG\r\nPONG\r\n") == [.answered(ping: 1), .answered(ping: 2)]
        )
    }

    @Test func pingsAreBounded() {
        var session = self.session()
        #expect(session.ping(1) == nil)
        session = self.ready()
        for id in 0..<UInt64(NATSSession.maximumPings) { #expect(session.ping(id) != nil) }
        #expect(session.ping(0) == nil)
        // Whether the server is alive is another question, which can still be asked.
        #expect(session.wake(now: self.time(10)) == .send(.ping))
        let answers = self.feed(&session, String(repeating: "PONG\r\n", count: NATSSession.maximumPings + 1), at: 11)
        #expect(answers.count == NATSSession.maximumPings)
        #expect(session.wake(now: self.time(20)) == .send(.ping))
        #expect(session.ping(0) == .send(.ping))
    }

    // MARK: Time

    @Test func silenceEndsIt() {
        var session = self.ready()
        #expect(session.nextDeadline == self.time(10))
        #expect(session.wake(now: self.time(9)) == nil)
        #expect(session.wake(now: self.time(10)) == .send(.ping))
        #expect(session.wake(now: self.time(20)) == .send(.ping))
        #expect(session.wake(now: self.time(29)) == nil)
        guard case .close(let error) = session.wake(now: self.time(30)) else {
            Issue.record("no end")
            return
        }
        #expect(error.code == .stale)
        #expect(session.wake(now: self.time(40)) == nil)
    }

    @Test func anySignOfLifeWillDo() {
        var session = self.ready()
        for second in 1...20 as ClosedRange<Int64> {
            #expect(session.wake(now: self.time(second * 10)) == .send(.ping))
            _ = self.feed(&session, second % 2 == 0 ? "PONG\r\n" : "MSG a 1 0\r\n\r\n")
        }
    }

    @Test func whereNothingIsReadNothingIsExpected() {
        var session = self.ready()
        session.isPaused = true
        for second in 1...5 as ClosedRange<Int64> {
            #expect(session.wake(now: self.time(second * 10)) == .send(.ping))
        }
        session.isPaused = false
        #expect(session.wake(now: self.time(60)) == .send(.ping))
        guard case .close = session.wake(now: self.time(70)) else {
            Issue.record("no end")
            return
        }
    }

    @Test func theBeginningHasATimeout() {
        for text in ["", "INFO {\"tls_required\":true}\r\n", "INFO {}\r\n"] {
            var session = self.session()
            _ = self.feed(&session, text)
            #expect(session.wake(now: self.time(4)) == nil)
            guard case .close(let error) = session.wake(now: self.time(5)) else {
                Issue.record("no end")
                continue
            }
            #expect(error.code == .timeout)
        }
    }

    @Test func theEndIsToldOnce() {
        var session = self.ready()
        let error = GRIPNATSError(.connection, "gone")
        #expect(session.disconnected(error) == .close(error))
        #expect(session.disconnected(error) == nil)
        #expect(self.feed(&session, "PING\r\n").isEmpty)
    }
}
