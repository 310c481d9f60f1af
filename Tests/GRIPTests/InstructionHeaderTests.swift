import GRIP
import HTTPTypes
import Testing

@Suite struct InstructionHeaderTests {
    private func written(_ instruction: GRIPInstruction) -> [String] {
        instruction.fields.map { "\($0.name.rawName): \($0.value)" }
    }

    @Test func aResponseHoldIsWritten() throws {
        #expect(self.written(.response(on: "a")) == ["Grip-Hold: response", "Grip-Channel: a"])
        #expect(
            self.written(.response(on: "a", "b", timeout: .milliseconds(54_001)))
                == ["Grip-Hold: response", "Grip-Timeout: 55", "Grip-Channel: a, b"]
        )
    }

    @Test func aStreamHoldIsWritten() throws {
        #expect(
            self.written(.stream(on: "a", keepAlive: .newline(after: .seconds(20))))
                == ["Grip-Hold: stream", "Grip-Keep-Alive: \\n; format=cstring; timeout=20", "Grip-Channel: a"]
        )
        let interval = try GRIPKeepAlive("ping", after: .seconds(3), mode: .interval)
        #expect(
            GRIPInstruction.stream(on: "a", keepAlive: interval).fields[.gripKeepAlive]
                == "ping; timeout=3; mode=interval"
        )
        #expect(
            GRIPInstruction.stream(on: "a", keepAlive: .eventStreamComment(after: .zero)).fields[.gripKeepAlive]
                == ":\\n\\n; format=cstring; timeout=1"
        )
    }

    @Test func channelsAreWrittenWithTheirParameters() throws {
        let channel = try GRIPChannel("a", previousID: "1", filters: [.skipSelf, .buildID])
        #expect(
            GRIPInstruction.stream(on: channel, "b").fields[.gripChannel]
                == "a; prev-id=1; filter=skip-self; filter=build-id, b"
        )
    }

    @Test(arguments: [
        ("2,3", "\"2,3\""), ("", ""), ("\"\"", "\"\\\"\\\"\""), ("a b", "\"a b\""), ("a;b", "\"a;b\""),
        ("abc", "abc"),
        (" ", "\" \""), ("\\", "\"\\\\\""), ("say \"hi\"", "\"say \\\"hi\\\"\""), ("é", "é"), ("a=b", "a=b"),
    ])
    func aPreviousIDIsQuotedWhereItMustBe(id: String, value: String) throws {
        let instruction = GRIPInstruction.stream(on: try GRIPChannel("a", previousID: id), "b")
        #expect(instruction.fields[.gripChannel] == "a; prev-id=\(value), b")
        #expect(try GRIPInstruction(fields: instruction.fields).channels.map(\.previousID) == [id, nil])
    }

    @Test(arguments: [
        "", "a", "a,b", "a;b", "\"", "\\", "\\\"", "a\\", "größe", "日本, 語", "\u{1F469}\u{200D}\u{1F680}",
        " edge ", "x=y",
    ])
    func theValueOfAMetaIsReadBack(value: String) throws {
        let meta = ["user": value, "other": "1"]
        let instruction = try GRIPInstruction.stream(on: "a").with(meta: meta)
        #expect(try GRIPInstruction(fields: instruction.fields).meta == meta)
    }

    @Test func metaIsSortedAndQuoted() throws {
        let instruction = try GRIPInstruction().with(meta: ["b": "2", "a": "\"\\"])
        #expect(self.written(instruction) == ["Grip-Set-Meta: a=\"\\\"\\\\\", b=\"2\""])
        #expect(try instruction.with(meta: ["b": "3"]).meta == ["a": "\"\\", "b": "3"])
    }

    @Test(arguments: [
        ("a b", "x"), ("", "x"), ("a=", "x"), ("é", "x"), ("a,", "x"), ("a", "x\r\ny"), ("a", "\0"), ("a", "\t"),
    ])
    func metaThatAHeaderCannotCarryIsRefused(name: String, value: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPInstruction().with(meta: [name: value]) }
        #expect(error?.code == .meta)
    }

    @Test func linksStatusAndExposedHeadersAreWritten() throws {
        let instruction = GRIPInstruction.next(try GRIPLink("/n?a=1", timeout: .seconds(30)))
            .with(gone: try GRIPLink("/g", timeout: .seconds(9)))
            .with(status: .notModified)
            .exposing(.contentType, .eTag)
        #expect(
            self.written(instruction) == [
                "Grip-Link: </n?a=1>; rel=next; timeout=30, </g>; rel=gone", "Grip-Status: 304 Not Modified",
                "Grip-Expose-Headers: Content-Type, ETag",
            ]
        )
        #expect(self.written(try GRIPInstruction().with(status: 499)) == ["Grip-Status: 499"])
    }

    @Test func equalFieldsOfAResponseAreReplacedAndOthersStay() {
        var fields: HTTPFields = [.gripChannel: "old", .contentType: "text/plain"]
        GRIPInstruction.response(on: "new").write(to: &fields)
        #expect(fields[values: .gripChannel] == ["new"])
        #expect(fields[.contentType] == "text/plain")
    }

    @Test func aPrefixIsPutBeforeAllChannels() throws {
        let instruction = try GRIPInstruction.stream(on: "a", "b").with(meta: ["m": "1"]).with(next: GRIPLink("/n"))
        let prefixed = instruction.prefixed(by: try GRIPPrefix("p-"))
        #expect(prefixed.channels == ["p-a", "p-b"])
        #expect(prefixed.meta == instruction.meta)
        #expect(prefixed.nextLink == instruction.nextLink)
        #expect(prefixed.hold == instruction.hold)
    }

    @Test func aHoldNeedsAChannel() throws {
        let error = #expect(throws: GRIPError.self) { try GRIPInstruction(hold: .stream()) }
        #expect(error?.code == .hold)
        #expect(try GRIPInstruction(channels: ["a"]).hold == nil)
    }

    @Test(arguments: ["", "/a b", "/a,b", "/a;b", "/<", "/>", "/é", "/\"", "/\\", "/\n", "/{x}"])
    func aLinkThatAHeaderOrURICannotCarryIsRefused(uri: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPLink(uri) }
        #expect(error?.code == .link)
    }

    @Test(arguments: [
        (Duration.seconds(-5), 0), (.milliseconds(-1), 0), (.zero, 0), (.nanoseconds(1), 1), (.seconds(5), 5),
        (.milliseconds(5001), 6), (.seconds(Int64.max), 2_147_483_647), (.seconds(Int64.min), 0),
    ])
    func timesAreRoundedUpToWholeSeconds(time: Duration, seconds: Int) {
        #expect(GRIPInstruction.response(on: "a", timeout: time).fields[.gripTimeout] == String(seconds))
    }
}
