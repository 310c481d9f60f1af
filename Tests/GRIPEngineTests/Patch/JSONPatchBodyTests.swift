import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("A patched body is the held one, changed")
struct JSONPatchBodyTests {
    private func apply(_ patch: String, to document: String) throws -> String {
        let operations = try JSONValue(parsing: patch).array ?? []
        return String(buffer: try GRIPJSONPatch(unchecked: operations).apply(to: ByteBuffer(string: document)))
    }

    @Test(
        "It is compact and keeps its line end (HD16)",
        arguments: [
            ("{ \"a\" : 1,\n\"b\":[ 1, 2 ] }\n", "\n"), ("{ \"a\" : 1,\n\"b\":[ 1, 2 ] }\r\n", "\r\n"),
            ("\t{\"a\":1,\"b\":[1,2]}", ""), ("{\"a\":1,\"b\":[1,2]}\n\n", "\n"), ("{\"a\":1,\"b\":[1,2]}\n ", ""),
            ("{\"a\":1,\"b\":[1,2]}\r", ""),
        ]
    )
    func lineEnds(held: String, end: String) throws {
        let patched = try self.apply(#"[{"op":"replace","path":"/a","value":"x"}]"#, to: held)
        #expect(patched.utf8.elementsEqual((#"{"a":"x","b":[1,2]}"# + end).utf8))
    }

    @Test("Members keep their order and numbers their text")
    func untouched() throws {
        let held = #"{"z":1e400,"y":[0.1,1.10,-0,1E+2,123456789012345678901234567890],"a":{"c":1,"b":2}}"#
        let patch = #"[{"op":"add","path":"/n","value":0.5},{"op":"move","from":"/y/2","path":"/y/0"}]"#
        let result = #"{"z":1e400,"y":[-0,0.1,1.10,1E+2,123456789012345678901234567890],"a":{"c":1,"b":2},"n":0.5}"#
        #expect(try self.apply(patch, to: held) == result)
    }

    @Test("Only what is readable of the held body counts")
    func slices() throws {
        var held = ByteBuffer(string: "xx{\"a\":1}\nyy")
        held.moveReaderIndex(forwardBy: 2)
        held.moveWriterIndex(to: held.writerIndex - 2)
        let body = held
        #expect(String(buffer: try GRIPJSONPatch(unchecked: []).apply(to: body)) == "{\"a\":1}\n")
    }

    /// A random document and, at random, paths of which some are in it.
    private struct Documents {
        var random: SplitMix64

        mutating func value(depth: Int) -> JSONValue {
            switch Int.random(in: 0..<(depth > 3 ? 6 : 9), using: &self.random) {
            case 0: return .null
            case 1: return .bool(.random(using: &self.random))
            case 2: return .integer(.random(in: -100...100, using: &self.random))
            case 3: return .double(Double(Int.random(in: -100...100, using: &self.random)) / 8 + 0.0625)
            case 4: return .string(["", "x", "\"\\/\n\u{1}", "日本"].randomElement(using: &self.random) ?? "")
            case 5: return .integer(0)
            case 6:
                let count = Int.random(in: 0...4, using: &self.random)
                return .array((0..<count).map { _ in self.value(depth: depth + 1) })
            default:
                let keys = ["a", "b", "", "-", "0", "~", "/", "\u{E9}", "\"\n"].shuffled(using: &self.random)
                let count = Int.random(in: 0...4, using: &self.random)
                var members: [JSONObject.Member] = []
                for key in keys.prefix(count) { members.append(.init(key, self.value(depth: depth + 1))) }
                return .object(JSONObject(members: members))
            }
        }

        mutating func path() -> String {
            let tokens = ["a", "b", "", "-", "0", "1", "2", "~0", "~1", "\u{E9}", "\"\n", "01", "~"]
            let count = Int.random(in: 0...4, using: &self.random)
            return (0..<count).map { _ in "/" + (tokens.randomElement(using: &self.random) ?? "") }.joined()
        }

        mutating func operation() -> JSONValue {
            let name = ["add", "add", "remove", "replace", "move", "copy", "test"].randomElement(using: &self.random)
            var members: [JSONObject.Member] = [.init("op", .string(name ?? "")), .init("path", .string(self.path()))]
            members.append(.init("from", .string(self.path())))
            members.append(.init("value", self.value(depth: 2)))
            return .object(JSONObject(members: members))
        }
    }

    private func text(_ value: JSONValue) -> ByteBuffer {
        var writer = JSONWriter()
        writer.value(value)
        return writer.buffer
    }

    @Test("Random patches either fail or give JSON, of the size they were counted to have")
    func fuzz() throws {
        var documents = Documents(random: SplitMix64(seed: 3))
        var succeeded = 0
        for _ in 0..<10_000 {
            let held = self.text(documents.value(depth: 0))
            let patch = GRIPJSONPatch(unchecked: [documents.operation()])
            guard let patched = try? patch.apply(to: held) else { continue }
            succeeded += 1
            #expect(try self.text(JSONValue(verbatim: patched)) == patched)
            // If the count was wrong by one byte, one of the two would be.
            let size = patched.readableBytes
            let exact = try patch.apply(to: held, limits: JSONPatchLimits(resultBytes: size))
            #expect(exact == patched)
            #expect(throws: JSONPatchError.self) {
                try patch.apply(to: held, limits: JSONPatchLimits(resultBytes: size - 1))
            }
        }
        #expect(succeeded > 1000)
    }

    @Test("A patch of many operations does what they do one by one")
    func composition() throws {
        var documents = Documents(random: SplitMix64(seed: 4))
        for _ in 0..<3000 {
            var held = self.text(documents.value(depth: 0))
            let start = held
            var applied: [JSONValue] = []
            var peak = 0
            for _ in 0..<12 {
                let operation = documents.operation()
                guard let patched = try? GRIPJSONPatch(unchecked: [operation]).apply(to: held) else { continue }
                held = patched
                applied.append(operation)
                peak = max(peak, held.readableBytes)
            }
            let patch = GRIPJSONPatch(unchecked: applied)
            #expect(try patch.apply(to: start) == held)
            guard peak > start.readableBytes else { continue }
            #expect(try patch.apply(to: start, limits: JSONPatchLimits(resultBytes: peak)) == held)
            #expect(throws: JSONPatchError.self) {
                try patch.apply(to: start, limits: JSONPatchLimits(resultBytes: peak - 1))
            }
        }
    }

    @Test("What is added can be tested for and removed again")
    func inverses() throws {
        var documents = Documents(random: SplitMix64(seed: 5))
        var added = 0
        for _ in 0..<5000 {
            let held = self.text(documents.value(depth: 0))
            let (path, value) = (documents.path(), documents.value(depth: 1))
            let place = JSONObject.Member("path", .string(path))
            func operation(_ name: String) -> JSONValue {
                .object(JSONObject(members: [.init("op", .string(name)), place, .init("value", value)]))
            }
            let isPresent = (try? GRIPJSONPatch(unchecked: [operation("replace")]).apply(to: held)) != nil
            let isArrayEnd = path.hasSuffix("-")
            guard !path.isEmpty, !isArrayEnd, !isPresent,
                (try? GRIPJSONPatch(unchecked: [operation("add")]).apply(to: held)) != nil
            else { continue }
            added += 1
            let all = GRIPJSONPatch(unchecked: ["add", "test", "remove"].map(operation))
            #expect(try all.apply(to: held) == held)
        }
        #expect(added > 100)
    }
}
