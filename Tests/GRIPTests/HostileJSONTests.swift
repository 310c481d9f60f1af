import Foundation
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import GRIP

@Suite struct HostileJSONTests {
    private static let pieces = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "\\u0000", "null", "true", "false",
        "0", "-", "1",
        ".5", "e9", "E+", "99999999999999999999", "\"a\":", "\"\"", " ", "\n", "\u{1}", "é", "\u{301}", "\u{FEFF}",
        "\"action\":\"close\",", "\"code\":", "\"type\":\"ping\",", "\"no-seq\":true,", "\"content-bin\":\"AA\",",
    ]

    private static let batches = [
        #"{"items":[{"channel":"a","id":"1","prev-id":"0","formats":{"http-stream":{"content":"x"}},"no-seq":true}]}"#,
        #"{"items":[{"channel":"a","http-response":{"code":200,"reason":"OK","headers":[["A","1"],["A","2"]],"body":""}}]}"#,
        #"{"items":[{"channel":"a","ws-message":{"content-bin":"AP8="},"meta":{"sender":"s"},"size":5}]}"#,
        #"{"items":[{"channel":"a","ws-message":{"action":"close","code":1000,"reason":"x"},"http-stream":{"action":"hint"}}]}"#,
        #"{"items":[{"channel":"a","http-response":{"headers":{"A":"1"},"body-patch":[{"op":"remove","path":"/a"}]}}]}"#,
    ]

    private static let documents = [
        #"{"hold":{"mode":"stream","channels":[{"name":"a","prev-id":"1","filters":["f"]}],"timeout":5,"meta":{"a":"b"}}}"#,
        #"{"hold":{"mode":"stream","channels":[],"keep-alive":{"content":"x\n","timeout":20}},"response":{"body":"b"}}"#,
        #"{"hold":{"channels":[{"name":"a","member":{"key":"alice","info":"{}"}}]}}"#,
        #"{"hold":{"channels":[{"name":"a"}],"timeout":5},"response":{"code":201,"reason":"R","headers":[["A","1"]]}}"#,
        #"{"response":{"code":"404","headers":{"A":"1","B":"2"},"body-bin":"AAEC"}}"#,
    ]

    private static let values = [
        "[1,-2.5e3,\"a\\n\\u00e9\",null,true,false,{\"a\":[],\"b\":{}}]", "\"\\ud83d\\ude00\"",
        "12345678901234567890", "{\"a\":1,\"a\":2}",
    ]

    /// The text without what is forgiven: a byte-order mark, and escapes of half a surrogate pair.
    private static func strict(_ text: String) -> String {
        let pair =
            /(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|(\\.)/
        let scalars =
            text.unicodeScalars.first == "\u{FEFF}" ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
        return String(String.UnicodeScalarView(scalars)).replacing(pair.matchingSemantics(.unicodeScalar)) { match in
            match.output.2 == nil ? String(match.output.0) : "\\ufffd"
        }
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func whatIsAcceptedIsJSON(seed: UInt64) throws {
        var input = HostileBytes(seed: seed, seeds: Self.values + Self.batches, pieces: Self.pieces)
        var accepted = 0
        for _ in 0..<8000 {
            let bytes = input.next()
            guard let value = try? JSONValue(parsing: ByteBuffer(bytes: bytes)) else { continue }
            accepted += 1
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(throws: Never.self, "\(text)") {
                try JSONSerialization.jsonObject(with: Data(Self.strict(text).utf8), options: .fragmentsAllowed)
            }
            var writer = JSONWriter()
            writer.value(value)
            try #require(try JSONValue(parsing: writer.buffer) == value, "\(text)")
        }
        #expect(accepted > 500)
    }

    @Test(arguments: [14, 15] as [UInt64])
    func aBatchThatIsAcceptedIsReadBack(seed: UInt64) throws {
        var input = HostileBytes(seed: seed, seeds: Self.batches, pieces: Self.pieces)
        var accepted = 0
        for _ in 0..<8000 {
            let bytes = input.next()
            guard let publications = try? GRIPPublication.parse(json: ByteBuffer(bytes: bytes)) else { continue }
            accepted += 1
            // Formats that are not known are accepted, but there is nothing of them to write.
            guard publications.allSatisfy({ !$0.item.formats.isEmpty }) else { continue }
            let written = GRIPPublication.json(publications)
            try #require(
                try GRIPPublication.parse(json: written) == publications,
                "\(String(decoding: bytes, as: UTF8.self))"
            )
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(written.readableBytesView)) }
        }
        #expect(accepted > 200)
    }

    @Test(arguments: [16, 17] as [UInt64])
    func aDocumentThatIsAcceptedIsReadBack(seed: UInt64) throws {
        var input = HostileBytes(seed: seed, seeds: Self.documents, pieces: Self.pieces)
        var accepted = 0
        for _ in 0..<8000 {
            let bytes = input.next()
            guard let document = try? GRIPInstructDocument(json: ByteBuffer(bytes: bytes)) else { continue }
            accepted += 1
            let again = try GRIPInstructDocument(json: document.json)
            try #require(again == document, "\(String(decoding: bytes, as: UTF8.self))")
            #expect(again.response.status?.reasonPhrase == document.response.status?.reasonPhrase)
        }
        #expect(accepted > 300)
    }

    @Test func whatIsAcceptedAsBase64IsReadBack() {
        var input = HostileBytes(
            seed: 18,
            seeds: ["Zm9vYmFy", "Zg==", "-_-_"],
            pieces: ["A", "B", "/", "+", "-", "_", "=", " ", "\n", "!", "é"]
        )
        for _ in 0..<10_000 {
            let text = input.next()
            let leniently = Base64.decodeLeniently(text)
            #expect(leniently.count <= text.count * 3 / 4)
            guard let bytes = Base64.decode(text) else { continue }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            if !text.contains(UInt8(ascii: "-")), !text.contains(UInt8(ascii: "_")) { #expect(leniently == bytes) }
        }
    }
}
