import GRIP
import GRIPAdapter
import GRIPTesting
import HTTPTypes
import Testing

/// Meta comes back as the application has set it, or not at all, also from a proxy that signs what clients write.
@Suite("Signed meta of WebSockets") struct MetaSealTests {
    private let proxy = GRIPTestProxy()

    private func origin() throws -> GRIPOrigin {
        try GRIPOrigin(self.proxy.configuration, publisher: RecordingPublisher())
    }

    /// Has an origin answer a request, and tells what the handler sees.
    private func meta(
        of request: HTTPFields,
        at origin: GRIPOrigin,
        setting new: [String: String]? = nil
    ) throws -> (seen: [String: String], set: HTTPFields) {
        let state = origin.inspect(GRIPRequest(fields: request))
        #expect(state.isSigned)
        var session = try origin.webSocketSession(
            fields: request,
            body: WebSocketEvent.encode([.text("x")]),
            state: state
        )
        #expect(session.meta == state.request.meta)
        let seen = session.meta
        if let new { session.meta = new }
        let fields = try session.makeResponse().fields
        return (seen, HTTPFields(fields.filter { $0.name.canonicalName.hasPrefix("set-meta-") }))
    }

    /// A request that the proxy has signed.
    private func request(_ meta: KeyValuePairs<String, String>, id: String = "1") throws -> HTTPFields {
        var fields = try self.proxy.fields()
        fields[.connectionID] = id
        for (name, value) in meta {
            fields.append(HTTPField(name: try #require(HTTPField.Name("Meta-\(name)")), value: value))
        }
        return fields
    }

    private func seal(_ fields: HTTPFields) throws -> String {
        try #require(fields.first { $0.name.canonicalName == "set-meta-grip-seal" }).value
    }

    @Test func whatIsSetComesBack() throws {
        let origin = try self.origin()
        let answer = try self.meta(of: self.request([:]), at: origin, setting: ["user": "ann", "room": "é"])
        #expect(answer.seen.isEmpty)
        let seal = try self.seal(answer.set)
        let request = try self.request(["User": "ann", "Room": "é", "Grip-Seal": seal])
        let again = try self.meta(of: request, at: origin)
        #expect(again.seen == ["user": "ann", "room": "é"])
        #expect(again.set.isEmpty)
        // Another process of the application has the same key.
        #expect(try self.meta(of: request, at: self.origin()).seen.count == 2)
    }

    @Test func whatSomebodyElseHasWrittenIsNotBelievedAndForgotten() throws {
        let origin = try self.origin()
        let seal = try self.seal(self.meta(of: self.request([:]), at: origin, setting: ["user": "ann"]).set)
        let forgeries = [
            try self.request(["User": "admin"]), try self.request(["User": "admin", "Grip-Seal": ""]),
            try self.request(["User": "admin", "Grip-Seal": seal]),
            try self.request(["User": "admin", "Grip-Seal": "x"]),
            try self.request(["User": "ann", "Role": "admin", "Grip-Seal": seal]),
            try self.request(["User": "ann", "Grip-Seal": seal], id: "2"),
            try self.request(["Use": "rann", "Grip-Seal": seal]),
        ]
        for forgery in forgeries {
            let answer = try self.meta(of: forgery, at: origin, setting: ["own": "1"])
            #expect(answer.seen.isEmpty, "\(forgery)")
            let set = answer.set.map { "\($0.name.canonicalName): \($0.value)" }
            #expect(set.contains("set-meta-own: 1"))
            #expect(set.contains { $0.hasSuffix(": ") && !$0.contains("grip-seal") }, "\(set)")
        }
    }

    @Test func theSignatureGoesWithTheLastEntry() throws {
        let origin = try self.origin()
        let seal = try self.seal(self.meta(of: self.request([:]), at: origin, setting: ["user": "ann"]).set)
        let request = try self.request(["User": "ann", "Grip-Seal": seal])
        let set = try self.meta(of: request, at: origin, setting: [:]).set
        #expect(set.map(\.value) == ["", ""])
        #expect(set.map(\.name.canonicalName) == ["set-meta-user", "set-meta-grip-seal"])
    }

    @Test func itsNameIsTaken() throws {
        let origin = try self.origin()
        #expect(throws: GRIPError.self) {
            try self.meta(of: self.request([:]), at: origin, setting: ["Grip-Seal": "mine"])
        }
    }

    @Test func aTestOfAHandlerBeginsWithMetaThatCounts() throws {
        let origin = try self.origin()
        var socket = GRIPTestWebSocket(through: self.proxy, meta: ["user": "ann"])
        for expected in [["user": "ann"], ["user": "bob"]] {
            let request = try socket.request(.text("x"))
            let state = origin.inspect(GRIPRequest(fields: request.fields))
            var session = try origin.webSocketSession(fields: request.fields, body: request.body, state: state)
            #expect(session.meta == expected)
            session.meta["user"] = "bob"
            let response = try session.makeResponse()
            _ = try socket.receive(response.status, response.fields, response.body)
            #expect(socket.meta == ["user": "bob"])
        }
    }

    /// The proxy knows the key that verifies it, and could seal what it likes with it.
    @Test func theSecretOfTheApplicationSignsWhereThereIsOne() throws {
        let shared = try self.origin()
        var configuration = try self.proxy.configuration
        configuration.applicationKey = try GRIPKey("only the application knows this")
        let own = try GRIPOrigin(configuration, publisher: RecordingPublisher())
        let ownSeal = try self.seal(self.meta(of: self.request([:]), at: own, setting: ["user": "ann"]).set)
        let request = try self.request(["User": "ann", "Grip-Seal": ownSeal])
        #expect(try self.meta(of: request, at: own).seen == ["user": "ann"])
        #expect(try self.meta(of: request, at: shared).seen.isEmpty)
        // Connections from before the application had a secret keep what they have.
        let oldSeal = try self.seal(self.meta(of: self.request([:]), at: shared, setting: ["user": "ann"]).set)
        #expect(oldSeal != ownSeal)
        let old = try self.request(["User": "ann", "Grip-Seal": oldSeal])
        #expect(try self.meta(of: old, at: own).seen == ["user": "ann"])
    }
}
