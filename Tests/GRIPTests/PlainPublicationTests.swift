import NIOCore
import TestSupport
import Testing

@testable import GRIP

@Suite struct PlainPublicationTests {
    private static let plain = [
        #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"x"}}}]}"#,
        #"{"items":[{"channel":"a","id":"1","prev-id":"0","formats":{"ws-message":{"content":"\u00e9\n"}}}]}"#,
        #"{"items":[{"formats":{"ws-message":{"content":"w"},"http-response":{"body":""}},"channel":"é"}]}"#,
        #"{"items":[{"channel":"a\udc00","formats":{"http-stream":{"content":"a\ud83db"}}}]}"#,
        "\u{FEFF}{\"items\":[{\"channel\":\"a\",\"formats\":{\"http-stream\":{\"content\":\"\u{FEFF}x\"}}}]}",
        """
        { "items" : [ { "id" : "" , "channel" : "a" , "formats" : { "http-stream" : { "content" : "s" } } } ,
        {"channel":"","prev-id":"z","formats":{"http-response":{"body":"r"},"http-stream":{"content":"s"},\
        "ws-message":{"content":"w"}}} ] }
        """,
    ]

    private static let others = [
        #"{"items":[]}"#, #"{"items":[{"channel":"a","http-stream":{"content":"x"}}]}"#,
        #"{"items":[{"channel":"a","formats":{"http-stream":{"content-bin":"AA=="}}}]}"#,
        #"{"items":[{"channel":"a","formats":{"http-stream":{"action":"close"}}}]}"#,
        #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"x"}},"meta":{"sender":"s"}}]}"#,
        #"{"items":[{"channel":"a","channel":"b","formats":{"http-stream":{"content":"x"}}}]}"#,
        #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"x","content":"y"}}}]}"#,
        #"{"items":[{"channel":"a","formats":{"http-response":{"code":200,"body":"x"}}}]}"#,
        #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"x"}}}],"more":1}"#,
    ]

    private static let broken = [
        #"{"items":[{"channel" "id":"1","channel":"a","formats":{"http-stream":{"content":"x"}}}]}"#,
        #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"x"}},}]}"#,
        #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"x"}}},]}"#,
        #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"x"}}}]}x"#,
        #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"\x"}}}]}"#,
        #"{"items":[{"channel":"a","formats":{"http-stream":{"content":"x}}}]}"#, #"{"items":[{"channel":"a"}]}"#,
    ]

    private static func plain(_ text: String) -> [GRIPPublication]? { GRIPPublication.plain(ByteBuffer(string: text)) }

    private static func tree(_ bytes: ByteBuffer) throws -> [GRIPPublication] {
        try GRIPPublication.list(try #require(try JSONValue(parsing: bytes).object))
    }

    @Test(arguments: Self.plain)
    func whatIsPlainIsReadAsByTheReaderOfAllOfJSON(text: String) throws {
        let publications = try #require(Self.plain(text))
        #expect(try Self.tree(ByteBuffer(string: text)) == publications)
    }

    @Test func whatThisLibraryWritesIsPlainWhereItIsText() throws {
        let item = try GRIPItem([.httpStream("a\nb"), .webSocketMessage("c")], id: "2", previousID: "1")
        let publications = [GRIPPublication(item, to: "a"), GRIPPublication(GRIPItem(.httpStream("")), to: "b")]
        #expect(GRIPPublication.plain(GRIPPublication.json(publications)) == publications)
    }

    @Test(arguments: Self.others + Self.broken)
    func anythingElseIsNot(text: String) { #expect(Self.plain(text) == nil) }

    @Test func aBodyThatIsNotAllThereIsNot() throws {
        let bytes = Array(Self.plain[5].utf8)
        for count in 0..<bytes.count { #expect(GRIPPublication.plain(ByteBuffer(bytes: bytes[..<count])) == nil) }
    }

    @Test(arguments: [21, 22] as [UInt64])
    func whatIsReadFromHostileInputIsTheSame(seed: UInt64) throws {
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0041", "\\ud83d", "\\ude00", "\u{FEFF}", " ", "\n", "null",
            "1", "\"id\":", "\"channel\":",
            "\"formats\":", "\"http-stream\":", "\"content\":", "\"body\":", "\"items\":", "é", "\"\"", "\u{1}",
        ]
        var input = HostileBytes(seed: seed, seeds: Self.plain, pieces: pieces)
        var plainCount = 0
        for step in 0..<10_000 {
            let bytes = ByteBuffer(bytes: input.next())
            guard let publications = GRIPPublication.plain(bytes) else { continue }
            plainCount += 1
            try #require(try Self.tree(bytes) == publications, "seed \(seed), step \(step): \(String(buffer: bytes))")
        }
        #expect(plainCount > 20)
    }
}
