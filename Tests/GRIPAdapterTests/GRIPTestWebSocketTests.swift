import GRIP
import GRIPAdapter
import GRIPTesting
import HTTPTypes
import NIOCore
import Testing

@Suite struct GRIPTestWebSocketTests {
    /// Has an origin answer a request, as a route does.
    private func answer(
        _ events: WebSocketEvent...,
        on socket: inout GRIPTestWebSocket,
        messagePrefix: WebSocketMessagePrefix = .standard,
        handler: (inout WebSocketSession) throws -> Void
    ) throws -> GRIPTestWebSocketAnswer {
        let origin = try GRIPOrigin(GRIPTestProxy().configuration, publisher: RecordingPublisher())
        let request = try socket.request(events)
        let state = origin.inspect(GRIPRequest(fields: request.fields))
        try origin.admitWebSocket(method: .post, fields: request.fields, state: state)
        var session = try origin.webSocketSession(
            fields: request.fields,
            body: request.body,
            messagePrefix: messagePrefix,
            state: state
        )
        try handler(&session)
        let response = try session.makeResponse()
        return try socket.receive(response.status, response.fields, response.body)
    }

    @Test func metaIsSetChangedDeletedAndComesBackMeanwhile() throws {
        var socket = GRIPTestWebSocket(through: GRIPTestProxy(), meta: ["kept": "1", "changed": "1", "deleted": "1"])
        _ = try self.answer(.open, on: &socket) { session in
            #expect(session.meta == ["kept": "1", "changed": "1", "deleted": "1"])
            session.accept()
            session.meta["changed"] = "2"
            session.meta["deleted"] = nil
            session.meta["New"] = "3"
        }
        #expect(socket.meta == ["kept": "1", "changed": "2", "new": "3"])
        _ = try self.answer(.text("x"), on: &socket) { session in
            #expect(session.meta == ["kept": "1", "changed": "2", "new": "3"])
            session.meta = [:]
        }
        #expect(socket.meta.isEmpty)
        _ = try self.answer(on: &socket) { session in #expect(session.meta.isEmpty) }
    }

    @Test func aRejectionOrAnErrorSetsNothing() throws {
        var socket = GRIPTestWebSocket(through: GRIPTestProxy(), meta: ["a": "1"])
        let setA = try #require(HTTPField.Name("Set-Meta-A"))
        let rejected = try socket.receive(.forbidden, [setA: "2"], ByteBuffer(string: "no"))
        #expect(rejected.rejection == ByteBuffer(string: "no"))
        #expect(!rejected.isAccepted)
        _ = try socket.receive(.ok, [setA: "3", .contentType: "text/html"], ByteBuffer(string: "<p>"))
        #expect(socket.meta == ["a": "1"])
    }

    @Test(arguments: ["", "x:", "c;", #"a"b\c"#])
    func aMessagePrefixOfTheRoutesOwnIsLearntOnOpening(text: String) throws {
        let prefix = try WebSocketMessagePrefix(text)
        var socket = GRIPTestWebSocket(through: GRIPTestProxy())
        let opened = try self.answer(.open, on: &socket, messagePrefix: prefix) { session in
            session.accept()
            session.subscribe(to: "a")
            session.send("one")
        }
        #expect(opened.isAccepted)
        #expect(opened.messages == ["one"])
        #expect(opened.subscriptions == ["a"])
        let later = try self.answer(.text("2"), on: &socket, messagePrefix: prefix) { session in
            session.send("two")
            session.sendBinary([0, 1])
        }
        #expect(later.messages == ["two", .binary(ByteBuffer(bytes: [0, 1]))])

        var open = GRIPTestWebSocket(through: GRIPTestProxy(), messagePrefix: prefix)
        let message = try self.answer(.text("3"), on: &open, messagePrefix: prefix) { $0.send("three") }
        #expect(message.messages == ["three"])
    }

    @Test func messagesThatBeginWithACombiningCharacterAreThere() throws {
        var socket = GRIPTestWebSocket(through: GRIPTestProxy())
        let answer = try self.answer(.text("\u{301}a"), on: &socket) { session in
            for message in session.messages { session.send(message) }
        }
        #expect(answer.messages == ["\u{301}a"])
    }

    @Test func aCloseIsNoneBareOrWithACode() throws {
        var socket = GRIPTestWebSocket(through: GRIPTestProxy())
        #expect(try self.answer(.text("x"), on: &socket) { _ in }.close == nil)
        #expect(try self.answer(.text("x"), on: &socket) { $0.close() }.close == .some(nil))
        let coded = try self.answer(.text("x"), on: &socket) { try $0.close(code: .goingAway, reason: "bye") }
        #expect(coded.close??.code == .goingAway)
        #expect(coded.close??.reason == "bye")
    }

    @Test func everyRequestHasTheHandshakeTheIDAndASignature() throws {
        let socket = GRIPTestWebSocket(through: GRIPTestProxy(), id: "7", handshake: [.cookie: "a=1"])
        let origin = try GRIPOrigin(GRIPTestProxy().configuration, publisher: RecordingPublisher())
        for events in [[WebSocketEvent.open], []] {
            let request = try socket.request(events)
            #expect(request.fields[.cookie] == "a=1")
            #expect(request.fields[.connectionID] == "7")
            #expect(origin.inspect(GRIPRequest(fields: request.fields)).isSigned)
        }
        let unsigned = try GRIPTestWebSocket(through: nil).request(.open)
        #expect(unsigned.fields[.gripSig] == nil)
    }
}
