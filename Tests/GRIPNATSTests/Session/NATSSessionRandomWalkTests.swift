import GRIP
import GRIPNATS
import NIOCore
import Testing

/// Servers that say anything at any time, with what must hold whatever they say.
@Suite("A connection to a server: random walk")
struct NATSSessionRandomWalkTests {
    private struct Walk {
        let position: WalkPosition
        var random: SplitMix64
        var session: NATSSession
        var now = NIODeadline.uptimeNanoseconds(0)
        let requiresTLS: Bool
        var isEncrypted = false
        var isEncrypting = false
        var hasConnected = false
        var isReady = false
        var hasEnded = false
        var asked: [UInt64] = []
        var lastID: UInt64 = 0
        var owedPongs = 0

        static let texts = [
            "INFO {}\r\n", "INFO {\"tls_required\":true,\"nonce\":\"n\"}\r\n", "INFO {\"tls_available\":true}\r\n",
            "PING\r\n",
            "PONG\r\n", "PONG\r\n", "PONG\r\n", "+OK\r\n", "MSG a 1 2\r\nhi\r\n",
            "MSG a 1 20\r\n12345678901234567890\r\n",
            "-ERR 'Permissions Violation for Publish to \"a\"'\r\n", "INFO {\"ldm\":true}\r\n", "MSG a",
            " 2 1\r\nx\r\n", "\r\n",
        ]
        static let ends = ["-ERR 'Stale Connection'\r\n", "NONSENSE\r\n", "INFO nonsense\r\n"]

        init(seed: UInt64) {
            self.position = WalkPosition(seed: seed)
            self.random = SplitMix64(seed: seed)
            self.requiresTLS = seed % 3 == 0
            self.session = NATSSession(
                .init(requiresTLS: self.requiresTLS, limits: .init(message: 10)),
                now: .uptimeNanoseconds(0)
            )
        }

        mutating func step() {
            switch Int.random(in: 0..<40, using: &self.random) {
            case 0: self.receive(Self.ends.randomElement(using: &self.random) ?? "")
            case 1...4: self.wake()
            case 5...8:
                if self.isEncrypting {
                    self.isEncrypting = false
                    self.isEncrypted = true
                    self.session.encrypted()
                    self.drain()
                } else {
                    self.ask()
                }
            default: self.receive(Self.texts.randomElement(using: &self.random) ?? "")
            }
            self.position.check(self.session.hasEnded == self.hasEnded, "the end is not told")
            self.position.check(self.session.isReady == (self.isReady && !self.hasEnded), "it is ready without a word")
            self.position.check(
                (self.session.nextDeadline == nil) == self.hasEnded,
                "no deadline, or one after the end"
            )
        }

        private mutating func receive(_ text: String) {
            self.session.receive(ByteBuffer(string: text))
            self.drain()
        }

        private mutating func ask() {
            self.lastID += 1
            guard let action = self.session.ping(self.lastID) else {
                return self.position.check(!self.session.isReady, "a ping is refused")
            }
            self.position.check(self.isReady && !self.hasEnded, "a ping before it is ready")
            self.asked.append(self.lastID)
            self.take(action)
        }

        private mutating func wake() {
            self.now = self.now + .seconds(Int64.random(in: 0...6, using: &self.random))
            if let action = self.session.wake(now: self.now) { self.take(action) }
        }

        private mutating func drain() {
            while let action = self.session.next(now: self.now) { self.take(action) }
        }

        private mutating func take(_ action: NATSSession.Action) {
            self.position.check(!self.hasEnded, "something after the end: \(action)")
            switch action {
            case .startTLS:
                self.position.check(!self.isEncrypted && !self.hasConnected, "TLS in the middle")
                self.isEncrypting = true
            case .send(.connect(let connect)):
                self.position.check(!self.hasConnected, "CONNECT a second time")
                self.position.check(self.isEncrypted || !self.requiresTLS, "CONNECT in the clear")
                self.position.check(connect.usesTLS == self.isEncrypted, "the wrong word about TLS")
                self.hasConnected = true
            case .send:
                self.position.check(self.hasConnected, "something before CONNECT")
                self.position.check(self.isEncrypted || !self.requiresTLS, "something in the clear")
            case .ready:
                self.position.check(self.hasConnected && !self.isReady, "ready too early, or a second time")
                self.isReady = true
            case .answered(let id):
                self.position.check(self.asked.first == id, "answers out of order")
                if !self.asked.isEmpty { self.asked.removeFirst() }
            case .deliver(let message):
                self.position.check(self.isReady, "a message too early")
                self.position.check(message.payload.readableBytes <= 10, "a message that is too large")
            case .skipped, .complain, .infoChanged: self.position.check(self.isReady, "too early")
            case .close: self.hasEnded = true
            }
        }
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func walk(seed: UInt64) {
        var walk = Walk(seed: seed)
        for step in 0..<300 where !walk.position.hasFailed {
            walk.position.step = step
            walk.step()
            if walk.hasEnded, step % 7 == 0 { break }
        }
    }
}
