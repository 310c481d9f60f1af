import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("Rules about connections to origins")
struct OriginRuleTests {
    @Test(
        "Keep-Alive is read as servers write it",
        arguments: [
            ("timeout=5", OriginKeepAlive(timeout: .seconds(5))),
            ("timeout=5, max=1000", OriginKeepAlive(timeout: .seconds(5), maximum: 1000)),
            ("Timeout=\"5\";MAX= 3", OriginKeepAlive(timeout: .seconds(5), maximum: 3)),
            ("max=0", OriginKeepAlive(maximum: 0)),
            ("timeout=-1, max=x, other=7, timeout", OriginKeepAlive()),
            ("timeout=99999999999999999999", OriginKeepAlive()),
            ("", OriginKeepAlive()),
        ]
    )
    func keepAlive(text: String, expected: OriginKeepAlive) throws {
        let name = try #require(HTTPField.Name("Keep-Alive"))
        #expect(OriginKeepAlive([name: text]) == expected)
    }

    @Test("The margin is a second, or half of a short time")
    func margin() {
        #expect(OriginKeepAlive(timeout: .seconds(5)).usableTime == .seconds(4))
        #expect(OriginKeepAlive(timeout: .seconds(1)).usableTime == .milliseconds(500))
        #expect(OriginKeepAlive(timeout: .zero).usableTime == .zero)
        #expect(OriginKeepAlive().usableTime == nil)
    }

    @Test("A request is sent again where that does no harm", arguments: [true, false], [true, false])
    func repetition(isUsed: Bool, isUnread: Bool) {
        let lost = LostConnection(wasUsed: isUsed, isResponseBegun: false, isRequestUnread: isUnread)
        #expect(lost.allowsRepetition(of: .get, isWhole: true) == isUsed)
        #expect(lost.allowsRepetition(of: .put, isWhole: true) == isUsed)
        #expect(lost.allowsRepetition(of: .post, isWhole: true) == (isUsed && isUnread))
        #expect(!lost.allowsRepetition(of: .get, isWhole: false))
        let begun = LostConnection(wasUsed: isUsed, isResponseBegun: true, isRequestUnread: isUnread)
        #expect(!begun.allowsRepetition(of: .get, isWhole: true))
    }

    @Test("A body is kept up to a size, and what is not sent yet in any case")
    func sentBody() {
        var body = SentBody()
        body.append(ByteBuffer(string: "a"), isUnsent: false)
        body.append(ByteBuffer(string: "b"), isUnsent: false)
        #expect(body.pieces.map { String(buffer: $0) } == ["a", "b"])
        var many = SentBody()
        for _ in 0..<60_000 { many.append(ByteBuffer(string: "a"), isUnsent: false) }
        #expect(many.isWhole && many.pieces.reduce(0) { $0 + $1.readableBytes } == 60_000)
        #expect(many.pieces.count == 2)
        body.append(ByteBuffer(repeating: 0, count: SentBody.limit), isUnsent: true)
        #expect(body.isWhole)
        body.append(ByteBuffer(string: "c"), isUnsent: false)
        #expect(!body.isWhole)
        #expect(body.pieces.isEmpty)
    }

    @Test("It is said once that an origin cannot be reached, now and then that it still cannot, and that it can again")
    func health() {
        let server = OriginServer(host: "a", port: 1)
        var health = OriginHealth()
        expect(health.succeeded(server, now: EngineTime(milliseconds: 0)), nil)
        expect(health.failed(server, "x", now: EngineTime(milliseconds: 1000)), .down("x"))
        expect(health.failed(server, "x", now: EngineTime(milliseconds: 2000)), nil)
        expect(health.failed(server, "y", now: EngineTime(milliseconds: 61_000)), .stillDown("y", failureCount: 3))
        expect(health.failed(server, "y", now: EngineTime(milliseconds: 62_000)), nil)
        expect(
            health.succeeded(server, now: EngineTime(milliseconds: 63_000)),
            .up(failureCount: 4, after: .seconds(62))
        )
        #expect(!health.hasOutages)
        expect(health.failed(server, "z", now: EngineTime(milliseconds: 64_000)), .down("z"))
    }
}
