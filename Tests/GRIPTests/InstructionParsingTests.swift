import GRIP
import HTTPTypes
import Testing

@Suite struct InstructionParsingTests {
    @Test func channelsOfSeveralHeadersAreCollected() throws {
        let fields = HTTPFields.lines(.gripChannel, "apple", "banana, cherry")
        #expect(try GRIPInstruction(fields: fields).channels == ["apple", "banana", "cherry"])
    }

    @Test func channelParametersKeepTheirOrder() throws {
        let fields = HTTPFields.lines(
            .gripChannel,
            "apple; prev-id=item1; filter=f1",
            "banana; filter=f2, cherry; filter=f1; filter=f2"
        )
        let channels = try GRIPInstruction(fields: fields).channels
        #expect(channels.map(\.name) == ["apple", "banana", "cherry"])
        #expect(channels.map(\.previousID) == ["item1", nil, nil])
        #expect(channels.map { $0.filters.map(\.name) } == [["f1"], ["f2"], ["f1", "f2"]])
    }

    @Test(arguments: [
        ("a; prev-id=", ""), ("a; prev-id=\"\"", nil), ("a; prev-id", nil), ("a; PREV-ID=7; prev-id=8", "7"),
        ("a; prev-id=\"2,3\"", "2,3"), ("a; prev-id=\" \"", " "), ("a; prev-id= x ", "x"), ("a", nil),
    ])
    func anUnquotedEmptyPreviousIDIsPresentAndAQuotedOneAbsent(value: String, id: String?) throws {
        let channel = try #require(try GRIPInstruction(fields: [.gripChannel: value]).channels.first)
        #expect(channel.previousID == id)
    }

    @Test func theNameOfAFilterParameterIsCaseSensitive() throws {
        let channel = try #require(try GRIPInstruction(fields: [.gripChannel: "a; Filter=f; filter=g"]).channels.first)
        #expect(channel.filters.map(\.name) == ["g"])
    }

    @Test func quotesInAChannelNameAreKept() throws {
        #expect(try GRIPInstruction(fields: [.gripChannel: "\"q,r\""]).channels.map(\.name) == ["\"q,r\""])
    }

    @Test func aChannelWithAnOpenQuoteIsDropped() throws {
        let fields = HTTPFields.lines(.gripChannel, "a; prev-id=\"x", "b")
        #expect(try GRIPInstruction(fields: fields).channels == ["b"])
        #expect(try GRIPInstruction(fields: [.gripChannel: ""]).channels.isEmpty)
    }

    @Test func sixFiltersOnAChannelAreRefused() throws {
        let five = String(repeating: "; filter=f", count: 5)
        #expect(try GRIPInstruction(fields: [.gripChannel: "a\(five)"]).channels.first?.filters.count == 5)
        let error = #expect(throws: GRIPError.self) {
            try GRIPInstruction(fields: [.gripChannel: "a\(five); filter=f"])
        }
        #expect(error?.code == .filter)
    }

    @Test(arguments: [("120", 120), (" 5 ", 5), ("0", 0), ("1", 1)])
    func theTimeoutOfAResponseHoldIsRead(value: String, seconds: Int) throws {
        let instruction = try GRIPInstruction(fields: [.gripHold: "response", .gripTimeout: value])
        #expect(instruction.hold == .response(timeout: .seconds(seconds)))
    }

    @Test func aHoldKeepsOnlyWhatItsModeHas() throws {
        let extras: HTTPFields = [.gripTimeout: "7", .gripKeepAlive: "x; timeout=3"]
        var fields = extras
        fields[.gripHold] = "stream"
        #expect(try GRIPInstruction(fields: fields).hold == .stream(keepAlive: GRIPKeepAlive("x", after: .seconds(3))))
        fields[.gripHold] = "response"
        #expect(try GRIPInstruction(fields: fields).hold == .response(timeout: .seconds(7)))
        #expect(try GRIPInstruction(fields: extras).hold == nil)
    }

    @Test(arguments: ["Response", "", "wait", "stream, response"])
    func anUnknownHoldIsRefused(value: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPInstruction(fields: [.gripHold: value]) }
        #expect(error?.code == .hold)
    }

    @Test(arguments: ["abc", "-1", "", "1.5", "2147483648", "0x5"], [true, false])
    func aBadTimeoutIsRefusedWithAndWithoutHold(value: String, isHeld: Bool) {
        var fields: HTTPFields = [.gripTimeout: value]
        if isHeld { fields[.gripHold] = "stream" }
        let error = #expect(throws: GRIPError.self) { try GRIPInstruction(fields: fields) }
        #expect(error?.code == .hold)
    }

    @Test(arguments: [
        ("foo=bar, bar=baz", ["foo": "bar", "bar": "baz"]), ("a=1; b=2", ["a": "1"]), ("a=1, a=2", ["a": "2"]),
        ("a=\"x,y\\\"\\\\\"", ["a": "x,y\"\\"]), ("", [:]), ("a", ["a": ""]), ("a=\"open, b=2", [:]),
        ("=x, b=2", ["b": "2"]),
    ])
    func onlyTheFirstPairOfEachMetaElementCounts(value: String, meta: [String: String]) throws {
        #expect(try GRIPInstruction(fields: [.gripSetMeta: value]).meta == meta)
    }

    @Test(arguments: [
        ("404", 404, ""), ("404 Nothing To See Here", 404, "Nothing To See Here"), ("499", 499, ""), ("0", 0, ""),
        ("999 x", 999, "x"),
    ])
    func aStatusHasACodeAndPerhapsAReason(value: String, code: Int, reason: String) throws {
        let status = try #require(try GRIPInstruction(fields: [.gripStatus: value]).status)
        #expect(status.code == code)
        #expect(status.reasonPhrase == reason)
    }

    @Test func anEmptyStatusIsNone() throws {
        #expect(try GRIPInstruction(fields: [.gripStatus: ""]).status == nil)
    }

    @Test(arguments: ["abc", "1000", "-1", "Not Found", "404x", "99999999999"])
    func aBadStatusIsRefused(value: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPInstruction(fields: [.gripStatus: value]) }
        #expect(error?.code == .status)
    }

    @Test func linksAreReadByTheirRelation() throws {
        let fields = HTTPFields.lines(
            .gripLink,
            "</a>; rel=next, </b>; rel=next; timeout=5",
            "<https://h/g>; rel=gone; timeout=9, </c>; rel=other, /ignored"
        )
        let instruction = try GRIPInstruction(fields: fields)
        #expect(try instruction.nextLink == GRIPLink("/b", timeout: .seconds(5)))
        #expect(try instruction.goneLink == GRIPLink("https://h/g"))
    }

    @Test(arguments: [
        "/next; rel=next", "</n>; rel=next; timeout=x", "</n>; rel=next; timeout=-1", "<>; rel=next", "<; rel=next",
        "</n; rel=next", "</n>; rel=other; timeout=", "</a b>; rel=next", "/x; y",
    ])
    func aBadLinkIsRefused(value: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPInstruction(fields: [.gripLink: value]) }
        #expect(error?.code == .link)
    }

    @Test func exposedHeadersAreRead() throws {
        let fields = HTTPFields.lines(.gripExposeHeaders, "content-type, X-B", "ETag")
        let names = try GRIPInstruction(fields: fields).exposedHeaders?.map(\.canonicalName)
        #expect(names == ["content-type", "x-b", "etag"])
        #expect(try GRIPInstruction(fields: [:]).exposedHeaders == nil)
    }

    @Test func aResponseIsGRIPByAnyGripHeaderOrItsType() throws {
        let unknown = try #require(HTTPField.Name("Grip-Foo"))
        #expect(GRIPInstruction.isPresent(in: [unknown: "bar"]))
        #expect(GRIPInstruction.isPresent(in: [.contentType: "application/grip-instruct; x=y"]))
        #expect(!GRIPInstruction.isPresent(in: [.contentType: "text/plain"]))
        #expect(GRIPInstruction.isDocument([.contentType: "application/grip-instruct"]))
        #expect(!GRIPInstruction.isDocument([.contentType: "application/grip-instructions"]))
        #expect(!GRIPInstruction.isDocument([unknown: "bar"]))
    }
}
