import GRIP
import Testing

@Suite struct WebSocketCloseTests {
    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1011, 1014, 3000, 3999, 4000, 4999])
    func `A code for applications is accepted`(code: Int) throws {
        let closeCode = try WebSocketCloseCode(code)
        #expect(closeCode.isSendable)
        #expect(Int(closeCode.rawValue) == code)
        #expect(closeCode.description == "\(code)")
    }

    @Test(arguments: [-1, 0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535, 65536, .max])
    func `Any other code is refused`(code: Int) {
        let error = #expect(throws: GRIPError.self) { try WebSocketCloseCode(code) }
        #expect(error?.code == .webSocketMessage)
        if let rawValue = UInt16(exactly: code) {
            #expect(!WebSocketCloseCode(rawValue: rawValue).isSendable)
            #expect(throws: GRIPError.self) { try WebSocketClose(WebSocketCloseCode(rawValue: rawValue)) }
        }
    }

    @Test func `A reason is limited in bytes`() throws {
        #expect(try WebSocketClose(1000, reason: String(repeating: "x", count: 123)).reason.count == 123)
        #expect(throws: GRIPError.self) { try WebSocketClose(1000, reason: String(repeating: "x", count: 124)) }
        #expect(throws: GRIPError.self) { try WebSocketClose(1000, reason: String(repeating: "é", count: 62)) }
    }

    @Test(arguments: ["a\nb", "a\r", "\u{0}"])
    func `A reason is one line`(reason: String) {
        #expect(throws: GRIPError.self) { try WebSocketClose(1000, reason: reason) }
    }
}
