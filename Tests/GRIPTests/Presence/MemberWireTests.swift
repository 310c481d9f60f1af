import GRIP
import HTTPTypes
import NIOCore
import Testing

@Suite("Members on the wire") struct MemberWireTests {
    private static func channel(_ key: String, info: String? = nil) throws -> GRIPChannel {
        try GRIPChannel("room", member: GRIPMember(key, info: info))
    }

    private static func write(_ channel: GRIPChannel) -> String? {
        GRIPInstruction.stream(on: channel).fields[.gripChannel]
    }

    private static func read(_ header: String) throws -> [GRIPChannel] {
        try GRIPInstruction(fields: [.gripHold: "stream", .gripChannel: header]).channels
    }

    @Test("A header carries them behind the other parameters")
    func writtenHeader() throws {
        #expect(Self.write(try Self.channel("alice")) == "room; member=alice")
        #expect(
            Self.write(try Self.channel("alice", info: #"{"name":"A"}"#))
                == #"room; member=alice; member-info="{\"name\":\"A\"}""#
        )
        let all = try GRIPChannel("room", previousID: "1", filters: [.skipSelf], member: GRIPMember("a b", info: ""))
        #expect(Self.write(all) == #"room; prev-id=1; filter=skip-self; member="a b"; member-info="#)
    }

    @Test(
        "What is written is read back",
        arguments: [
            ("alice", nil), ("a,b", "x;y"), ("\"", "\\"), (" a ", " "), ("é", "日本, 語"), ("a=b", "=\"\\\"="), ("a", ""),
        ]
    )
    func roundTrip(key: String, info: String?) throws {
        let channel = try Self.channel(key, info: info)
        let instruction = GRIPInstruction.stream(on: channel, "other")
        #expect(try GRIPInstruction(fields: instruction.fields).channels == [channel, "other"])
        let document = try GRIPInstructDocument(instruction, response: .init())
        #expect(try GRIPInstructDocument(json: document.json).instruction.channels == [channel, "other"])
        let message = WebSocketControlMessage.subscribe(channel)
        #expect(try WebSocketControlMessage(parsing: message.encoded()) == message)
    }

    @Test("A header may write it in other ways, and the first one counts")
    func readable() throws {
        let alice = try Self.channel("alice")
        #expect(try Self.read("room;MEMBER=alice") == [alice])
        #expect(try Self.read("room; member = \"alice\"; member=bob") == [try Self.channel(#""alice""#)])
        #expect(try Self.read("room; member=alice; member=bob; unknown=1") == [alice])
        #expect(try Self.read("room; member-info=x") == ["room"])
    }

    @Test(
        "A bad member in a header is an error that names it",
        arguments: ["room; member", "room; member=", "room; member=\"\"", "room; member=\"a\tb\""]
    )
    func refusedHeader(_ header: String) {
        let error = #expect(throws: GRIPError.self) { try Self.read(header) }
        #expect(error?.code == .member)
    }

    @Test("JSON has them as an object")
    func json() throws {
        let channel = try Self.channel("alice", info: "{}")
        let document = try GRIPInstructDocument(.response(on: channel), response: .init())
        #expect(
            String(buffer: document.json).contains(
                #""channels":[{"name":"room","member":{"key":"alice","info":"{}"}}]"#
            )
        )
        #expect(
            String(buffer: WebSocketControlMessage.subscribe(channel).encoded())
                == #"{"type":"subscribe","channel":"room","member":{"key":"alice","info":"{}"}}"#
        )
    }

    static let badJSON = [
        "1", "\"alice\"", "null", "{}", #"{"key":""}"#, #"{"key":1}"#, #"{"key":"a","info":{}}"#, #"{"key":"a\n"}"#,
        #"{"info":"x"}"#,
    ]

    @Test("A bad member in JSON is an error that names it", arguments: badJSON)
    func refusedJSON(member: String) {
        let hold = #"{"hold":{"channels":[{"name":"room","member":\#(member)}]}}"#
        var error = #expect(throws: GRIPError.self) { try GRIPInstructDocument(json: ByteBuffer(string: hold)) }
        #expect(error?.code == .member)
        let message = #"{"type":"subscribe","channel":"room","member":\#(member)}"#
        error = #expect(throws: GRIPError.self) { try WebSocketControlMessage(parsing: ByteBuffer(string: message)) }
        #expect(error?.code == .member)
    }

    @Test("Who unsubscribes is no matter")
    func unsubscribe() throws {
        let json = #"{"type":"unsubscribe","channel":"room","member":1}"#
        #expect(try WebSocketControlMessage(parsing: ByteBuffer(string: json)) == .unsubscribe("room"))
    }

    @Test("A session names the member with the subscription, and the prefix leaves it alone")
    func session() throws {
        let member = try GRIPMember("alice")
        var session = try WebSocketSession("", prefix: GRIPPrefix("app-"))
        session.subscribe(to: "a", as: member)
        try session.subscribe(to: "b-\(1)", as: member)
        session.subscribe(to: try GRIPChannel("c", member: GRIPMember("bob")))
        session.subscribe(to: try GRIPChannel("d", member: GRIPMember("bob")), as: member)
        session.join("e", as: member)
        let messages = try WebSocketEvent.decode(session.makeResponse().body).compactMap { event in
            guard case .text(var text) = event, text.readString(length: 2) == "c:" else {
                return WebSocketControlMessage?.none
            }
            return try WebSocketControlMessage(parsing: text)
        }
        let subscriptions = messages.filter { if case .subscribe = $0 { true } else { false } }
        #expect(
            subscriptions == [
                .subscribe(try GRIPChannel("app-a", member: member)),
                .subscribe(try GRIPChannel("app-b-1", member: member)),
                .subscribe(try GRIPChannel("app-c", member: GRIPMember("bob"))),
                .subscribe(try GRIPChannel("app-d", member: member)),
                .subscribe(try GRIPChannel("app-e", member: member)),
            ]
        )
    }
}
