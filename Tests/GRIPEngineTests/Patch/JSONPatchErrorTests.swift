import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("A JSON patch that cannot be applied says why")
struct JSONPatchErrorTests {
    private func apply(
        _ patch: String,
        to document: String,
        limits: JSONPatchLimits = JSONPatchLimits()
    ) throws -> String {
        let operations = try JSONValue(parsing: patch).array ?? []
        let body = ByteBuffer(string: document)
        return String(buffer: try GRIPJSONPatch(unchecked: operations).apply(to: body, limits: limits))
    }

    @Test(
        "Each mistake has a reason",
        arguments: [
            ("1", .notAnObject), (#"{"path":"/a"}"#, .unknownOperation),
            (#"{"op":"Add","path":""}"#, .unknownOperation),
            (#"{"op":1}"#, .unknownOperation), (#"{"op":"add","value":1}"#, .noPath),
            (#"{"op":"add","path":1,"value":1}"#, .noPath), (#"{"op":"add","path":"/a"}"#, .noValue),
            (#"{"op":"move","path":"/a"}"#, .noFrom), (#"{"op":"copy","path":"/a","from":1}"#, .noFrom),
            (#"{"op":"remove","path":"a"}"#, .badPointer), (#"{"op":"remove","path":"/~2"}"#, .badPointer),
            (#"{"op":"remove","path":"/a~"}"#, .badPointer), (#"{"op":"remove","path":"/l/01"}"#, .badIndex),
            (#"{"op":"remove","path":"/l/-1"}"#, .badIndex), (#"{"op":"remove","path":"/l/+1"}"#, .badIndex),
            (#"{"op":"remove","path":"/l/"}"#, .badIndex), (#"{"op":"remove","path":"/l/a"}"#, .badIndex),
            (#"{"op":"remove","path":"/l/1e0"}"#, .badIndex), (#"{"op":"remove","path":"/l/٣"}"#, .badIndex),
            (#"{"op":"remove","path":"/l/2"}"#, .pathNotFound), (#"{"op":"remove","path":"/l/-"}"#, .pathNotFound),
            (#"{"op":"add","path":"/l/3","value":1}"#, .pathNotFound),
            (#"{"op":"add","path":"/l/99999999999999999999","value":1}"#, .pathNotFound),
            (#"{"op":"add","path":"/l/9223372036854775807","value":1}"#, .pathNotFound),
            (#"{"op":"remove","path":"/x"}"#, .pathNotFound),
            (#"{"op":"replace","path":"/x","value":1}"#, .pathNotFound),
            (#"{"op":"add","path":"/a/b","value":1}"#, .pathNotFound),
            (#"{"op":"add","path":"/x/b","value":1}"#, .pathNotFound),
            (#"{"op":"test","path":"/x","value":null}"#, .pathNotFound),
            (#"{"op":"remove","path":"/"}"#, .pathNotFound),
            (#"{"op":"move","from":"/x","path":"/x"}"#, .pathNotFound),
            (#"{"op":"copy","from":"/l/-","path":"/y"}"#, .pathNotFound),
            (#"{"op":"remove","path":""}"#, .removesDocument),
            (#"{"op":"move","from":"","path":"/x"}"#, .movesIntoItself),
            (#"{"op":"move","from":"/o","path":"/o/p"}"#, .movesIntoItself),
            (#"{"op":"test","path":"/a","value":2}"#, .testFailed),
        ] as [(String, JSONPatchError.Reason)]
    )
    func mistakes(operation: String, reason: JSONPatchError.Reason) {
        let document = #"{"a":1,"l":[1,2],"o":{"p":1}}"#
        #expect(throws: JSONPatchError(operation: 0, reason)) { try self.apply("[\(operation)]", to: document) }
        let later = #"[{"op":"test","path":"/a","value":1},{"op":"remove","path":"/o/p"},\#(operation)]"#
        #expect(throws: JSONPatchError(operation: 2, reason)) { try self.apply(later, to: document) }
    }

    @Test("A held body that is no JSON is not patched", arguments: ["", "\n", "{", "[1] x", " \u{FEFF}{}", "hello"])
    func heldBody(body: String) {
        #expect(throws: JSONPatchError(operation: nil, .heldBodyIsNotJSON)) { try self.apply("[]", to: body) }
    }

    @Test("Errors name the operation and show nothing of the patch")
    func description() {
        let error = #expect(throws: JSONPatchError.self) {
            try self.apply(#"[{"op":"remove","path":"/secret"}]"#, to: "{}")
        }
        #expect(error?.description == "operation 0 of the patch: there is nothing at the path")
        #expect(JSONPatchError(operation: nil, .tooLarge).description == "the document would be too large")
    }

    @Test("Copies cannot make a document grow without end")
    func bomb() {
        let copies = Array(repeating: #"{"op":"copy","from":"","path":"/-"}"#, count: 60).joined(separator: ",")
        #expect(throws: JSONPatchError(operation: 16, .tooLarge)) {
            try self.apply("[\(copies)]", to: "[1,2,3,4]")
        }
    }

    @Test("A document that shrinks again was too large all the same")
    func growth() throws {
        let patch = #"[{"op":"copy","from":"/a","path":"/b"},{"op":"remove","path":"/b"}]"#
        #expect(throws: JSONPatchError(operation: 0, .tooLarge)) {
            try self.apply(patch, to: #"{"a":"xxxxxxxx"}"#, limits: JSONPatchLimits(resultBytes: 20))
        }
        #expect(try self.apply(patch, to: #"{"a":"xxxxxxxx"}"#) == #"{"a":"xxxxxxxx"}"#)
        let smaller = #"[{"op":"remove","path":"/b"}]"#
        let limits = JSONPatchLimits(resultBytes: 7)
        #expect(try self.apply(smaller, to: #"{"a":1,"b":"long"}"#, limits: limits) == #"{"a":1}"#)
        #expect(throws: JSONPatchError(operation: nil, .tooLarge)) {
            try self.apply("[]", to: "[1,2,3,4]", limits: limits)
        }
    }

    @Test("Nesting is bounded, of the held body and by the patch")
    func depth() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try self.apply("[]", to: deepest) == deepest)
        #expect(throws: JSONPatchError(operation: nil, .heldBodyIsNotJSON)) { try self.apply("[]", to: "[\(deepest)]") }
        #expect(throws: JSONPatchError(operation: nil, .heldBodyIsNotJSON)) {
            try self.apply("[]", to: String(repeating: "[", count: 1_000_000))
        }
        #expect(throws: JSONPatchError(operation: 0, .tooDeep)) {
            let path = String(repeating: "/0", count: 64)
            _ = try self.apply(#"[{"op":"add","path":"\#(path)","value":[]}]"#, to: deepest)
        }
        let deeper = (1...100).map { #"{"op":"add","path":"\#(String(repeating: "/a", count: $0))","value":{}}"# }
        #expect(throws: JSONPatchError(operation: 63, .tooDeep)) {
            try self.apply("[\(deeper.joined(separator: ","))]", to: "{}")
        }
        let moves = (1...100).map { _ in
            #"{"op":"add","path":"/n","value":{}},{"op":"move","from":"/a","path":"/n/a"},{"op":"move","from":"/n","path":"/a"}"#
        }
        #expect(throws: JSONPatchError(operation: 62 * 3 + 1, .tooDeep)) {
            try self.apply("[\(moves.joined(separator: ","))]", to: #"{"a":{}}"#)
        }
        #expect(throws: JSONPatchError(operation: 0, .pathNotFound)) {
            try self.apply(#"[{"op":"remove","path":"\#(String(repeating: "/0", count: 200_000))"}]"#, to: deepest)
        }
    }

    @Test(
        "A patch cannot keep the proxy busy",
        arguments: [
            (#"{"op":"test","path":"","value":1}"#, 1, false),
            (#"{"op":"add","path":"/0","value":1}"#, 30_000, true),
            (#"{"op":"copy","from":"","path":"/0"},{"op":"remove","path":"/0"}"#, 15_000, true),
        ]
    )
    func work(operation: String, count: Int, isTooMuch: Bool) throws {
        let document = "[\(Array(repeating: "1", count: 40_000).joined(separator: ","))]"
        let patch = "[\(Array(repeating: operation, count: count).joined(separator: ","))]"
        let error = #expect(throws: JSONPatchError.self) { try self.apply(patch, to: document) }
        #expect((error?.reason == .tooMuchWork) == isTooMuch)
    }

    @Test("A hundred changes of a large document are no trouble")
    func honestWork() throws {
        let members = (0..<4000).map { "\"member-\($0)\":\($0)" }
        let operations = (0..<100).map { #"{"op":"replace","path":"/member-\#($0 * 40)","value":-1}"# }
        let result = try self.apply("[\(operations.joined(separator: ","))]", to: "{\(members.joined(separator: ","))}")
        #expect(result.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 4000)
        #expect(result.contains(#""member-3960":-1,"member-3961":3961"#))
    }
}
