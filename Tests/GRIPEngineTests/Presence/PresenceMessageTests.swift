import GRIP
import GRIPEngine
import TestSupport
import Testing

@Suite("Messages about presence") struct PresenceMessageTests {
    private static func text(_ publication: GRIPPublication) -> String? {
        guard case .httpStream(let stream)? = publication.item.formats.first?.kind,
            case .send(.text(let text)) = stream.action
        else { return nil }
        return text
    }

    private static func parse(_ text: String, on channel: String = PresenceBusChannel.all) throws -> PresenceMessage {
        try PresenceMessage(GRIPPublication(GRIPItem(.httpStream(.text(text))), to: GRIPChannel(unchecked: channel)))
    }

    static let vectors: [(content: PresenceMessage.Content, json: String)] = [
        (.alive(lost: 0, grace: nil), #""type":"alive","lost":0"#),
        (.alive(lost: 7, grace: .seconds(10)), #""type":"alive","lost":7,"grace":10000"#),
        (.alive(lost: 7, grace: .zero), #""type":"alive","lost":7,"grace":0"#),
        (.question(channel: "room", of: nil), #""type":"question","channel":"room""#),
        (
            .question(channel: "é\u{1}", of: [1, .max]),
            #""type":"question","channel":"é\u0001","of":["0000000000000001","ffffffffffffffff"]"#
        ),
        (.kick(channel: "room", key: "a\"b"), #""type":"kick","channel":"room","key":"a\"b""#),
        (
            .snapshot(channel: "room", number: 5, part: 0, parts: 1, []),
            #""type":"snapshot","number":5,"part":0,"parts":1,"members":[]"#
        ),
        (
            .snapshot(
                channel: "room",
                number: 5,
                part: 1,
                parts: 3,
                [
                    PresenceEntry(try! GRIPMember("alice", info: "{}"), since: 8, infoSince: 9, connections: 2),
                    PresenceEntry(try! GRIPMember("bob"), since: 8),
                ]
            ),
            #""type":"snapshot","number":5,"part":1,"parts":3,"members":["#
                + #"{"key":"alice","info":"{}","since":8,"info-since":9,"connections":2},{"key":"bob","since":8}]"#
        ),
        (
            .changes(
                channel: "room",
                number: 6,
                previous: 4,
                [.removed("bob", .timedOut), .set(PresenceEntry(try! GRIPMember("carol"), since: 1))]
            ),
            #""type":"changes","number":6,"previous":4,"#
                + #""changes":[{"key":"bob","left":"timedOut"},{"key":"carol","since":1}]"#
        ),
    ]

    @Test("A vector is written and read", arguments: vectors)
    func vector(content: PresenceMessage.Content, json: String) throws {
        let message = PresenceMessage(owner: 0xAB, content)
        let text = #"{"v":1,"owner":"00000000000000ab",\#(json)}"#
        #expect(Self.text(message.publication) == text)
        #expect(try PresenceMessage(message.publication) == message)
        #expect(try Self.parse(text, on: message.busChannel) == message)
        #expect(PresenceBusChannel.isReserved(message.busChannel))
        #expect(
            try GRIPPublication.parse(json: GRIPPublication.json([message.publication])).first.map {
                try PresenceMessage($0)
            } == message
        )
    }

    @Test("Lists and changes go to those who watch the channel, the rest to all")
    func channels() {
        for vector in Self.vectors {
            let channel = PresenceMessage(owner: 1, vector.content).busChannel
            switch vector.content {
            case .alive, .question, .kick: #expect(channel == "\u{1}grip-presence/all")
            case .snapshot, .changes: #expect(channel == "\u{1}grip-presence/c/room")
            }
        }
        #expect(PresenceBusChannel.channel(of: PresenceBusChannel.changes(of: "é/c/")) == "é/c/")
        #expect(PresenceBusChannel.channel(of: PresenceBusChannel.all) == nil)
        #expect(PresenceBusChannel.channel(of: "room") == nil)
        #expect(!PresenceBusChannel.isReserved("room"))
        #expect(!PresenceBusChannel.isReserved("grip-presence/all"))
    }

    static let refused = [
        "", "{", "[]", "1", "{}", #"{"v":1}"#, #"{"v":2,"owner":"00000000000000ab","type":"alive","lost":0}"#,
        #"{"v":"1","owner":"00000000000000ab","type":"alive","lost":0}"#,
        #"{"v":1,"owner":"ab","type":"alive","lost":0}"#,
        #"{"v":1,"owner":"+0000000000000ab","type":"alive","lost":0}"#,
        #"{"v":1,"owner":"00000000000000ab"}"#, #"{"v":1,"owner":"00000000000000ab","type":"alive"}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"alive","lost":-1}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"alive","lost":1.5}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"alive","lost":99999999999999999999}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"alive","lost":0,"grace":"1"}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"question"}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"question","channel":""}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"question","channel":"a","of":"x"}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"question","channel":"a","of":[1]}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"kick","channel":"a"}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"dance"}"#,
        #"{"v":1,"owner":"00000000000000ab","type":"snapshot","number":1,"part":0,"parts":1,"members":[]}"#,
    ]

    @Test("What is no message to all is refused", arguments: refused)
    func refusal(text: String) {
        #expect(throws: PresenceMessageError.self) { try Self.parse(text) }
    }

    static let refusedLists = [
        #""type":"alive","lost":0"#, #""type":"snapshot","number":1,"part":0,"parts":0,"members":[]"#,
        #""type":"snapshot","number":1,"part":1,"parts":1,"members":[]"#,
        #""type":"snapshot","number":-1,"part":0,"parts":1,"members":[]"#,
        #""type":"snapshot","number":1,"part":0,"parts":1"#,
        #""type":"snapshot","number":1,"part":0,"parts":1,"members":[1]"#,
        #""type":"snapshot","number":1,"part":0,"parts":1,"members":[{"key":"a"}]"#,
        #""type":"snapshot","number":1,"part":0,"parts":1,"members":[{"key":"","since":1}]"#,
        #""type":"snapshot","number":1,"part":0,"parts":1,"members":[{"key":"a\n","since":1}]"#,
        #""type":"snapshot","number":1,"part":0,"parts":1,"members":[{"key":"a","info":1,"since":1}]"#,
        #""type":"snapshot","number":1,"part":0,"parts":1,"members":[{"key":"a","since":1,"connections":0}]"#,
        #""type":"snapshot","number":1,"part":0,"parts":1,"members":[{"key":"a","since":1,"connections":9999999999}]"#,
        #""type":"changes","number":2,"changes":[]"#,
        #""type":"changes","number":2,"previous":1,"changes":{}"#,
        #""type":"changes","number":2,"previous":1,"changes":[{"key":"a","left":"bored"}]"#,
        #""type":"changes","number":2,"previous":1,"changes":[{"left":"closed"}]"#,
    ]

    @Test("What is no message about a channel is refused", arguments: refusedLists)
    func refusedList(json: String) {
        #expect(throws: PresenceMessageError.self) {
            try Self.parse(
                #"{"v":1,"owner":"00000000000000ab",\#(json)}"#,
                on: PresenceBusChannel.changes(of: "room")
            )
        }
    }

    @Test("Other publications are refused, and what is too long")
    func others() throws {
        let valid = #"{"v":1,"owner":"00000000000000ab","type":"alive","lost":0}"#
        #expect(throws: PresenceMessageError.self) { try Self.parse(valid, on: PresenceBusChannel.prefix + "new") }
        #expect(throws: PresenceMessageError.self) { try Self.parse(valid, on: "room") }
        let response = GRIPPublication(
            GRIPItem(.httpResponse(.text(valid))),
            to: GRIPChannel(unchecked: PresenceBusChannel.all)
        )
        #expect(throws: PresenceMessageError.self) { try PresenceMessage(response) }
        let blanks = String(repeating: " ", count: 1024 * 1024)
        #expect(throws: PresenceMessageError.self) { try Self.parse(valid + blanks) }
        #expect(throws: PresenceMessageError.self) { try Self.parse(String(repeating: "[", count: 100_000)) }
    }

    @Test("A grace is ten minutes at most")
    func longGrace() throws {
        let text = #"{"v":1,"owner":"00000000000000ab","type":"alive","lost":0,"grace":9223372036854775807}"#
        #expect(try Self.parse(text).content == .alive(lost: 0, grace: .seconds(600)))
    }

    @Test("What nobody means well with is refused or taken, and what is taken is written the same way again")
    func hostile() throws {
        var bytes = HostileBytes(
            seed: 11,
            seeds: Self.vectors.map { #"{"v":1,"owner":"00000000000000ab",\#($0.json)}"# },
            pieces: [
                "{", "}", "[", "]", ",", ":", "\"", "null", "-1", "9223372036854775807", "1e9", "\\u0000", "\\ud800",
                "é",
                #""key":"#, #""left":"closed""#, #""since":"#, #""members":[]"#, #""type":"changes""#, #""v":1"#,
            ]
        )
        var (taken, refused) = (0, 0)
        var conversation = try RosterConversation.connected(peers: [2])
        _ = try conversation.watch()
        for index in 0..<20_000 {
            let text = bytes.nextText()
            let isList = text.contains("previous") || text.contains("parts")
            do {
                let message = try Self.parse(
                    text,
                    on: isList ? PresenceBusChannel.changes(of: "room") : PresenceBusChannel.all
                )
                #expect(try PresenceMessage(message.publication) == message)
                _ = conversation.lines(conversation.roster.receive(message, now: conversation.now))
                taken += 1
            } catch is PresenceMessageError {
                refused += 1
            }
            if index % 100 == 0 { _ = conversation.advance(.seconds(1)) }
        }
        #expect(taken > 100 && refused > 200, "\(taken) \(refused)")
        _ = conversation.snapshot
    }
}
