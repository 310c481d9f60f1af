import GRIP
import HTTPTypes
import Testing

@Suite struct WebSocketSessionFieldTests {
    static let request = HTTPFields.fields([
        "Host": "example.com", "Meta-User": "bob", "META-Room-Id": "7", "Meta-": "no name", "Metadata": "other",
        "Set-Meta-X": "no",
    ])

    private func setMeta(_ change: (inout WebSocketSession) -> Void) throws -> [String] {
        var session = try WebSocketSession("OPEN\r\n", fields: Self.request)
        session.accept()
        change(&session)
        return try session.makeResponse().fields
            .filter { $0.name.canonicalName.hasPrefix("set-meta-") }
            .map { "\($0.name.rawName): \($0.value)" }
    }

    @Test func `Meta is read in lower case`() throws {
        #expect(try WebSocketSession("", fields: Self.request).meta == ["user": "bob", "room-id": "7"])
        #expect(try WebSocketSession("").meta.isEmpty)
    }

    @Test func `Only the difference is sent back`() throws {
        #expect(try self.setMeta { _ in } == [])
        #expect(try self.setMeta { $0.meta["user"] = "bob" } == [])
        #expect(try self.setMeta { $0.meta["user"] = "eve" } == ["Set-Meta-user: eve"])
        #expect(try self.setMeta { $0.meta["user"] = nil } == ["Set-Meta-user: "])
        #expect(try self.setMeta { $0.meta["user"] = "" } == ["Set-Meta-user: "])
        #expect(try self.setMeta { $0.meta["new"] = "" } == [])
        #expect(
            try self.setMeta { $0.meta = ["n": "1", "user": "bob"] } == ["Set-Meta-n: 1", "Set-Meta-room-id: "]
        )
        #expect(try self.setMeta { $0.meta["New"] = "ü" } == ["Set-Meta-new: ü"])
    }

    @Test func `Meta that a header cannot carry is an error`() throws {
        for name in ["", "a b", "a:b", "é", "a\r\nX"] {
            let error = #expect(throws: GRIPError.self) { try self.setMeta { $0.meta[name] = "x" } }
            #expect(error?.code == .meta)
        }
        for value in ["a\r\nX: y", "a\n", "\u{0}"] {
            let error = #expect(throws: GRIPError.self) { try self.setMeta { $0.meta["a"] = value } }
            #expect(error?.code == .meta)
        }
        #expect(throws: GRIPError.self) { try self.setMeta { $0.meta["USER"] = "eve" } }
    }

    @Test(arguments: [
        (Duration.seconds(30), "30"), (.milliseconds(29_001), "30"), (.zero, "0"), (.seconds(-1), "0"),
        (.seconds(Int64.max), "2147483647"),
    ])
    func `The interval of polls is in whole seconds`(interval: Duration, value: String) throws {
        var session = try WebSocketSession("")
        #expect(try session.makeResponse().fields.value("Keep-Alive-Interval") == nil)
        session.keepAliveInterval = interval
        #expect(try session.makeResponse().fields.value("Keep-Alive-Interval") == value)
    }

    @Test func `Accepted content is announced, within bounds`() throws {
        var session = try WebSocketSession("TEXT 5\r\nhello\r\nTEXT 5\r\nworld\r\n")
        #expect(session.contentBytesReplayed == 0)
        #expect(try session.makeResponse().fields.value("Content-Bytes-Accepted") == nil)
        for accepted in [0, 3, 10] {
            session.contentBytesAccepted = accepted
            #expect(try session.makeResponse().fields.value("Content-Bytes-Accepted") == "\(accepted)")
        }
        for accepted in [-1, 11] {
            session.contentBytesAccepted = accepted
            #expect(throws: GRIPError.self) { try session.makeResponse() }
        }
    }

    @Test func `What is not accepted is not answered`() throws {
        var session = try WebSocketSession(
            "PING 1\r\n1\r\nTEXT 5\r\nhello\r\nPING 1\r\n2\r\nCLOSE 2\r\n\u{03}\u{E9}\r\n"
        )
        session.contentBytesAccepted = 3
        #expect(try session.makeResponse().wireBody == "PONG 1\r\n1\r\n")
        session.contentBytesAccepted = 7
        #expect(try session.makeResponse().wireBody == "PONG 1\r\n1\r\nPONG 1\r\n2\r\n")
        session.contentBytesAccepted = 9
        #expect(try session.makeResponse().wireBody == "PONG 1\r\n1\r\nPONG 1\r\n2\r\nCLOSE 2\r\n\u{03}\u{E9}\r\n")
    }

    @Test(arguments: [("2", 2), ("0", 0), ("-1", 0), ("x", 0)])
    func `Replayed content is told`(value: String, count: Int) throws {
        let session = try WebSocketSession("TEXT 2\r\nlo\r\n", fields: .fields(["Content-Bytes-Replayed": value]))
        #expect(session.contentBytesReplayed == count)
    }
}
