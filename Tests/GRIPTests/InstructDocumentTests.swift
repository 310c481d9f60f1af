import GRIP
import HTTPTypes
import NIOCore
import Testing

@Suite struct InstructDocumentTests {
    private func parse(_ json: String, _ fields: HTTPFields = [:]) throws -> GRIPInstructDocument {
        try GRIPInstructDocument(json: ByteBuffer(string: json), fields: fields)
    }

    @Test func aPlainResponseIsWritten() throws {
        let document = try GRIPInstructDocument(
            GRIPInstruction(),
            response: .init(status: 201, fields: [.contentType: "text/plain"], body: "hello \"world\"\n")
        )
        let expected = """
            {"response":{"code":201,"headers":[["Content-Type","text/plain"]],"body":"hello \\"world\\"\\n"}}
            """
        #expect(document.json.text == expected)
        #expect(try self.parse(expected) == document)
    }

    @Test func aHoldIsWrittenWithAllItsParts() throws {
        let channel = try GRIPChannel("a", previousID: "", filters: [.skipSelf])
        let instruction = try GRIPInstruction.response(on: channel, "b", timeout: .seconds(120)).with(meta: ["m": "é"])
        let document = try GRIPInstructDocument(instruction, response: .init(status: .ok))
        let expected = """
            {"hold":{"mode":"response","channels":[{"name":"a","prev-id":"","filters":["skip-self"]},{"name":"b"}],\
            "timeout":120,"meta":{"m":"é"}},"response":{"code":200,"reason":"OK","body":""}}
            """
        #expect(document.json.text == expected)
        #expect(try self.parse(expected) == document)
    }

    @Test func binaryDataIsWrittenAsBase64() throws {
        let keepAlive = try GRIPKeepAlive("\n", after: .seconds(20), mode: .interval)
        let body = GRIPContent.binary(ByteBuffer(bytes: [0, 0xFF]))
        let document = try GRIPInstructDocument(.stream(on: "a", keepAlive: keepAlive), response: .init(body: body))
        let expected = """
            {"hold":{"mode":"stream","channels":[{"name":"a"}],"keep-alive":{"content-bin":"Cg==","timeout":20}},\
            "response":{"body-bin":"AP8="}}
            """
        #expect(document.json.text == expected)
        #expect(try self.parse(expected) == document)
    }

    @Test func repeatedFieldsKeepTheirOrder() throws {
        var fields = HTTPFields()
        for (name, value) in [("B", "1"), ("A", "2"), ("B", "3")] {
            fields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
        }
        let document = try GRIPInstructDocument(GRIPInstruction(), response: .init(fields: fields))
        #expect(document.json.text.contains("[[\"B\",\"1\"],[\"A\",\"2\"],[\"B\",\"3\"]]"))
        #expect(Array(try self.parse(document.json.text).response.fields) == Array(fields))
    }

    @Test func partsThatOnlyHeadersCarryAreRefused() throws {
        let link = try GRIPLink("/n")
        for instruction in [
            .next(link), GRIPInstruction.stream(on: "a").with(gone: link), .stream(on: "a").with(status: .ok),
            .stream(on: "a").exposing(.eTag), try GRIPInstruction(channels: ["a"]),
            try GRIPInstruction().with(meta: ["a": "b"]),
        ] {
            let error = #expect(throws: GRIPError.self) { try GRIPInstructDocument(instruction, response: .init()) }
            #expect(error?.code == .instruction)
        }
    }

    @Test func anIdleKeepAliveIsRefused() {
        let error = #expect(throws: GRIPError.self) {
            try GRIPInstructDocument(.stream(on: "a", keepAlive: .newline(after: .seconds(5))), response: .init())
        }
        #expect(error?.code == .keepAlive)
    }

    @Test func headersAddChannelsAndMetaAndLinks() throws {
        let fields: HTTPFields = [
            .gripChannel: "h", .gripSetMeta: "a=1, b=1", .gripLink: "</n>; rel=next", .gripTimeout: "9",
            .gripHold: "stream",
        ]
        let json = #"{"hold":{"channels":[{"name":"j"}],"meta":{"b":"2"}}}"#
        let instruction = try self.parse(json, fields).instruction
        #expect(instruction.hold == .response())
        #expect(instruction.channels == ["h", "j"])
        #expect(instruction.meta == ["a": "1", "b": "2"])
        #expect(instruction.nextLink?.uri == "/n")
        #expect(try self.parse("{}", fields).instruction == GRIPInstruction(fields: fields))
    }

    @Test func aKeepAliveOfADocumentIsOfTheIntervalMode() throws {
        let json = #"{"hold":{"mode":"stream","channels":[],"keep-alive":{"content":"x"}}}"#
        let keepAlive = try #require(try self.parse(json).instruction.hold?.keepAlive)
        #expect(try keepAlive == GRIPKeepAlive("x", after: .seconds(55), mode: .interval))
    }

    @Test(arguments: [
        (#"{"response":{"code":"201"}}"#, 201, ""), (#"{"response":{"code":true}}"#, 1, ""),
        (#"{"response":{"code":"x"}}"#, 0, ""), (#"{"response":{"code":404,"reason":"No"}}"#, 404, "No"),
        (#"{"response":{"reason":"Fine"}}"#, 200, "Fine"),
    ])
    func theStatusIsReadGenerously(json: String, code: Int, reason: String) throws {
        let status = try #require(try self.parse(json).response.status)
        #expect(status.code == code)
        #expect(status.reasonPhrase == reason)
    }

    @Test func headersMayBeAnObjectAndTheBinaryBodyWins() throws {
        let response = try self.parse(#"{"response":{"headers":{"A":"1","B":"2"},"body":"x","body-bin":"eQ"}}"#)
            .response
        #expect(response.fields.map(\.name.rawName) == ["A", "B"])
        #expect(response.body == .binary(ByteBuffer(string: "y")))
        #expect(try self.parse("{}").response == .init())
    }

    @Test(arguments: [
        "[]", "1", "", "{", "null", #"{"hold":1}"#, #"{"hold":null}"#, #"{"hold":{}}"#, #"{"hold":{"channels":{}}}"#,
        #"{"hold":{"channels":[1]}}"#, #"{"hold":{"channels":[{}]}}"#, #"{"hold":{"channels":[{"name":1}]}}"#,
        #"{"hold":{"channels":[{"name":"a","prev-id":null}]}}"#, #"{"hold":{"channels":[{"name":"a","filters":"f"}]}}"#,
        #"{"hold":{"channels":[{"name":"a","filters":[1]}]}}"#, #"{"hold":{"mode":"Stream","channels":[]}}"#,
        #"{"hold":{"channels":[{"name":"a","filters":["1","2","3","4","5","6"]}]}}"#,
        #"{"hold":{"channels":[],"timeout":-1}}"#, #"{"hold":{"channels":[],"timeout":[]}}"#,
        #"{"hold":{"channels":[],"keep-alive":{}}}"#, #"{"hold":{"channels":[],"keep-alive":{"content":""}}}"#,
        #"{"hold":{"channels":[],"meta":{"a":1}}}"#, #"{"response":1}"#, #"{"response":{"code":1000}}"#,
        #"{"response":{"code":-1}}"#, #"{"response":{"code":[1]}}"#, #"{"response":{"headers":1}}"#,
        #"{"response":{"headers":[["a"]]}}"#, #"{"response":{"headers":[["a",1]]}}"#,
        #"{"response":{"code":200,"reason":"a\r\nb"}}"#, #"{"response":{"reason":"a\u0000b"}}"#,
        #"{"hold":{"channels":[{"name":"a\nb"}]}}"#, #"{"hold":{"channels":[{"name":"a","prev-id":"1\rb"}]}}"#,
        #"{"response":{"headers":{"a b":"1"}}}"#, #"{"response":{"headers":{"a":"1\r\nb: 2"}}}"#,
        #"{"response":{"headers":{":status":"1"}}}"#, #"{"response":{"body":1}}"#, #"{"response":{"body-bin":[]}}"#,
    ])
    func aDocumentOfWrongShapeIsRefused(json: String) {
        #expect(throws: GRIPError.self) { try self.parse(json) }
    }

    @Test func moreFieldsThanALibraryCanHoldAreRefused() {
        let list = [String](repeating: "[\"a\",\"\"]", count: 70_000).joined(separator: ",")
        #expect(throws: GRIPError.self) { try self.parse("{\"response\":{\"headers\":[\(list)]}}") }
    }

    @Test func randomDocumentsAreReadBack() throws {
        var random = RandomInstructions(seed: 6)
        var count = 0
        while count < 1000 {
            let instruction = try random.instruction()
            let text = random.text(0...9)
            let body = random.chance(50) ? GRIPContent.text(text) : .binary(ByteBuffer(string: text))
            let response = GRIPInstructDocument.Response(
                status: random.chance(50) ? .init(code: 299, reasonPhrase: "So") : nil,
                fields: random.chance(50) ? [.eTag: "\"é\""] : [:],
                body: body
            )
            guard let document = try? GRIPInstructDocument(instruction, response: response) else { continue }
            count += 1
            let parsed = try GRIPInstructDocument(json: document.json)
            try #require(parsed == document)
            #expect(parsed.response.status?.reasonPhrase == response.status?.reasonPhrase)
        }
    }
}
