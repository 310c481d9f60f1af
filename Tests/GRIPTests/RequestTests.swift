import GRIP
import HTTPTypes
import Testing

@Suite struct RequestTests {
    @Test func aRequestThatNoProxySentSaysNothing() {
        let request = GRIPRequest(fields: [.accept: "*/*", .gripSig: "", .connectionID: "", .gripSessionID: ""])
        #expect(request.signature == nil)
        #expect(request.features.isEmpty)
        #expect(request.lastIDs.isEmpty)
        #expect(request.connectionID == nil)
        #expect(request.sessionID == nil)
        #expect(request.meta.isEmpty)
    }

    @Test(arguments: [
        "status, link:next, filter:skip-self", "status,link:next,filter:skip-self",
        " status ,, link:next,filter:skip-self,",
    ])
    func featuresAreReadWithAndWithoutBlanks(value: String) {
        #expect(GRIPRequest(fields: [.gripFeature: value]).features == [.status, .linkNext, .filter(.skipSelf)])
    }

    @Test func theFeaturesOfPushpinAreRead() throws {
        let value = """
            status, session, link:next, link:gone, filter:skip-self, filter:skip-users, filter:require-sub, \
            filter:build-id, filter:var-subst, filter:http-check, filter:http-modify
            """
        let filters: [GRIPFilter] = [
            .skipSelf, .skipUsers, .requireSubscription, .buildID, .substituteVariables, .httpCheck, .httpModify,
        ]
        let expected = Set([.status, .session, .linkNext, .linkGone] + filters.map(GRIPFeature.filter))
        #expect(GRIPRequest(fields: [.gripFeature: value]).features == expected)
    }

    @Test(arguments: [
        ("a; last-id=1", ["a": "1"]), ("a;last-id=1", ["a": "1"]), ("a; last-id=\"2,3\"", ["a": "2,3"]),
        ("a; last-id=2,3", ["a": "2,3"]), ("a; last-id=", ["a": ""]), ("a; LAST-ID=1", ["a": "1"]), ("a", [:]),
        ("a; last-id", [:]), ("; last-id=1", [:]), ("", [:]), ("a; last-id=\"1", [:]),
        ("a; last-id=1, b; last-id=2", ["a": "1", "b": "2"]), ("a,b; last-id=1", ["a,b": "1"]),
        ("a; last-id=\"x, b; last-id=2\"", ["a": "x, b; last-id=2"]), ("a; last-id=1:2=3", ["a": "1:2=3"]),
        ("größe; last-id=é", ["größe": "é"]),
    ])
    func theLastIDOfAChannelIsRead(value: String, lastIDs: [String: String]) {
        #expect(GRIPRequest(fields: [.gripLast: value]).lastIDs == lastIDs)
    }

    @Test func eachChannelHasALineOfItsOwn() {
        let fields = HTTPFields.lines(.gripLast, "a; last-id=1,2", "b; last-id=\"3\"", "a; last-id=4")
        #expect(GRIPRequest(fields: fields).lastIDs == ["a": "4", "b": "3"])
    }

    @Test func metaIsNamedInLowerCase() throws {
        let user = try #require(HTTPField.Name("Meta-User"))
        let empty = try #require(HTTPField.Name("Meta-"))
        let other = try #require(HTTPField.Name("Metadata"))
        let fields: HTTPFields = [user: "ada", empty: "x", other: "y", .connectionID: "c-1", .gripSig: "s"]
        let request = GRIPRequest(fields: fields)
        #expect(request.meta == ["user": "ada"])
        #expect(request.connectionID == "c-1")
        #expect(request.signature == "s")
    }

    @Test func whatIsWrittenIsReadBack() {
        var request = GRIPRequest(fields: [:])
        request.signature = "a.b.c"
        request.features = [.status, .linkNext]
        request.lastIDs = ["a": "2,3", "b": "", "c": "\"", "d e": "x; y", "f": "x, b; last-id=2"]
        request.connectionID = "c"
        request.sessionID = "s"
        request.meta = ["user": "ä, \"b\"", "x": ""]
        var fields = HTTPFields()
        request.write(to: &fields)
        #expect(GRIPRequest(fields: fields) == request)
        #expect(fields[.gripFeature] == "link:next, status")
        #expect(fields[values: .gripLast].first == "a; last-id=\"2,3\"")
    }

    @Test(arguments: [
        ("application/websocket-events", true), ("Application/WebSocket-Events", false),
        ("application/websocket-events; a=b", false), ("text/plain", false),
        ("application/websocket-events2", false), ("", false),
    ])
    func webSocketOverHTTPIsKnownByItsType(type: String, isEvents: Bool) {
        #expect(GRIPRequest.isWebSocketOverHTTP(method: .post, fields: [.contentType: type]) == isEvents)
        #expect(!GRIPRequest.isWebSocketOverHTTP(method: .get, fields: [.contentType: type]))
        #expect(!GRIPRequest.isWebSocketOverHTTP(method: .post, fields: [:]))
    }

    @Test(arguments: [
        ("status, channels:20", 20), ("channels:200", 200), ("channels:0", nil), ("channels:-1", nil),
        ("channels:", nil), ("channels:x", nil), ("status", nil), ("", nil), ("channels:x, channels:3", 3),
    ])
    func `The number of channels that a proxy takes is among its features`(value: String, expected: Int?) {
        #expect(GRIPRequest(fields: [.gripFeature: value]).channelLimit == expected)
        if let expected { #expect(GRIPRequest(fields: [.gripFeature: value]).features.contains(.channels(expected))) }
    }
}
