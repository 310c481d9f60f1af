import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

/// Requests that nobody sends on purpose.
@Suite("Hostile requests to the control API")
struct ControlFuzzTests {
    private static let bodies = [
        #"{"items":[{"channel":"a","id":"1","prev-id":"0","meta":{"k":"v"},"size":3,"no-seq":true,"formats":{"http-stream":{"content":"x","content-filters":["f"]},"http-response":{"code":200,"reason":"OK","headers":[["a","b"]],"body-patch":[{"op":"add","path":"/a","value":1}]},"ws-message":{"type":"binary","content-bin":"YQ=="}}}]}"#,
        #"{"items":[{"channel":"","http-response":{"headers":{"A":"b"},"body":"é"}},{"channel":"b","ws-message":{"action":"close","code":1000,"reason":"r"}}]}"#,
    ]
    private static let targets = [
        "/publish/", "/recover", "/", "/metrics", "/connections/?limit=10&after=5&channel=a%2Fb", "/connections/12",
        "/channels/?limit=1&after=a", "/channels/a%20b",
    ]
    private static let values = [
        "application/json", "*/*", "text/html;q=1, application/*", "return=representation", "return=\"",
        "Bearer secret",
        "Bearer  x", "close", "keep-alive, close", "100-continue", "0", "12", "999999999999999999999", "chunked",
        "\"a, b",
    ]

    private var generator = SplitMix64(seed: 2024)

    init() {}

    /// Changes a few bytes: replaced, removed, inserted or repeated.
    private mutating func mutate(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        guard Int.random(in: 0..<3, using: &self.generator) == 0 else { return bytes }
        for _ in 0..<Int.random(in: 0...4, using: &self.generator) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &self.generator)
            switch Int.random(in: 0..<4, using: &self.generator) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &self.generator)
            case 1: bytes.remove(at: position)
            case 2:
                bytes.insert(Array("{}[]\":,/%?&=0-\\".utf8).randomElement(using: &self.generator) ?? 0, at: position)
            default:
                let end = min(bytes.count, position + Int.random(in: 1...20, using: &self.generator))
                bytes.insert(contentsOf: bytes[position..<end], at: position)
            }
        }
        return bytes
    }

    private mutating func request() -> ControlRequest {
        let methods: [HTTPRequest.Method] = [.post, .post, .post, .get, .head, .delete, .put, .options]
        var body: [UInt8] = []
        if Bool.random(using: &self.generator) {
            body = self.mutate(Self.bodies.randomElement(using: &self.generator) ?? "")
        }
        var fields = HTTPFields()
        if Int.random(in: 0..<10, using: &self.generator) > 0 { fields[.contentLength] = "\(body.count)" }
        for _ in 0..<Int.random(in: 0...2, using: &self.generator) {
            let names: [HTTPField.Name] = [
                .accept, .authorization, .connection, .expect, .contentLength, .transferEncoding,
            ]
            let value = self.mutate(Self.values.randomElement(using: &self.generator) ?? "")
            fields.append(
                HTTPField(
                    name: names.randomElement(using: &self.generator) ?? .accept,
                    value: String(decoding: value, as: UTF8.self)
                )
            )
        }
        // Most bodies are for publishing.
        let isPublish = !body.isEmpty && Int.random(in: 0..<4, using: &self.generator) > 0
        let seed = isPublish ? "/publish/" : Self.targets.randomElement(using: &self.generator) ?? ""
        let target = self.mutate(seed)
        return ControlRequest(
            ControlHead(
                method: methods.randomElement(using: &self.generator) ?? .get,
                target: String(decoding: target, as: UTF8.self),
                fields: fields,
                isHTTP10: Int.random(in: 0..<10, using: &self.generator) == 0
            ),
            body: ByteBuffer(bytes: body)
        )
    }

    @Test("10,000 requests get an answer that is one, and what is published can be published again")
    func requests() throws {
        var fuzz = ControlFuzzTests()
        var published = 0
        var refused: Set<Int> = []
        for index in 0..<10_000 {
            let api = ControlAPI(token: index % 4 == 0 ? "secret" : nil, maximumBody: 1000)
            let request = fuzz.request()
            _ = (request.head.keepsConnection, request.head.expectsContinue)
            let answer: ControlResponse
            switch api.check(request.head) {
            case .readBody(let count):
                #expect((0...1000).contains(count))
                switch api.decide(request) {
                case .respond(let response), .recover(let response), .close(_, let response): answer = response
                case .publish(let publications, _):
                    #expect(request.head.method == .post)
                    #expect(
                        try GRIPPublication.parse(json: GRIPPublication.json(publications)).count == publications.count
                    )
                    published += 1
                    continue
                case .connections(let query):
                    #expect((1...1000).contains(query.limit))
                    continue
                case .channels(let query):
                    #expect((1...1000).contains(query.limit))
                    continue
                case .connection, .channel, .members, .changes, .metrics: continue
                case .kick(let key, _, _):
                    #expect((1...256).contains(key.utf8.count))
                    continue
                }
            case .respond(let response): answer = response
            }
            #expect([200, 400, 401, 404, 405, 406, 411].contains(answer.code))
            #expect(answer.text.utf8.last == UInt8(ascii: "\n"))
            #expect(answer.type != nil)
            refused.insert(answer.code)
        }
        #expect(published > 100)
        #expect(refused == [200, 400, 401, 404, 405, 406, 411])
    }
}
