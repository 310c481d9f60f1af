import GRIP
import HTTPTypes
import NIOCore
import Testing

@Suite struct KeepAliveTests {
    private func read(_ value: String) throws -> GRIPKeepAlive? {
        try GRIPInstruction(fields: [.gripHold: "stream", .gripKeepAlive: value]).hold?.keepAlive
    }

    private func header(_ data: [UInt8]) throws -> String {
        let keepAlive = try GRIPKeepAlive(.binary(ByteBuffer(bytes: data)), after: .seconds(20))
        let fields = GRIPInstruction.stream(on: "a", keepAlive: keepAlive).fields
        return try #require(fields[.gripKeepAlive])
    }

    @Test(arguments: [
        ("ping1\\n; timeout=10", "ping1\\n", 10, GRIPKeepAlive.Mode.idle),
        ("ping2\\n; format=cstring", "ping2\n", 55, .idle), ("cGluZzMK; format=base64", "ping3\n", 55, .idle),
        ("ping4\\n; mode=interval", "ping4\\n", 55, .interval),
        ("x; timeout=0", "x", 1, .idle), ("\"x\"; format=raw", "\"x\"", 55, .idle), ("a,b", "a,b", 55, .idle),
        ("a\\\\b\\r\\x41\\x3b\\tc; format=cstring", "a\\b\rA;c", 55, .idle),
        ("c!G@l#u; format=base64", "pin", 55, .idle),
    ])
    func theDataIsDecodedByItsFormat(value: String, data: String, seconds: Int, mode: GRIPKeepAlive.Mode) throws {
        let keepAlive = try #require(try self.read(value))
        #expect(keepAlive.data.text == data)
        #expect(keepAlive.timeout == .seconds(seconds))
        #expect(keepAlive.mode == mode)
    }

    @Test(arguments: [
        "x; mode=other", "x; mode=", "x; format=hex", "x; timeout=x", "x; timeout=-1", "a\\; format=cstring",
        "\\xzz; format=cstring", "\\x4; format=cstring", "; timeout=5", "!!; format=base64", "\\t; format=cstring",
    ])
    func aBadKeepAliveIsRefused(value: String) {
        let error = #expect(throws: GRIPError.self) { try self.read(value) }
        #expect(error?.code == .keepAlive)
    }

    @Test(arguments: ["", "x; mode=\"idle", "x; format=\"raw\\"])
    func anEmptyHeaderOrAnOpenQuoteIsNoKeepAlive(value: String) throws {
        #expect(try self.read(value) == nil)
    }

    @Test func emptyDataIsRefused() {
        let error = #expect(throws: GRIPError.self) { try GRIPKeepAlive("", after: .seconds(5)) }
        #expect(error?.code == .keepAlive)
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func everyByteSurvivesAProxysParser(byte: UInt8) throws {
        for data in [[byte], [byte, 0x61], [0x61, byte], [0x61, byte, 0x62], [byte, byte]] {
            let header = try self.header(data)
            #expect(header.utf8.allSatisfy { (0x20...0x7E).contains($0) })
            #expect(ProxyKeepAlive.data(of: header) == data)
            #expect(try self.read(header)?.data == ByteBuffer(bytes: data))
        }
    }

    @Test(arguments: [
        ("ping", "ping; timeout=20"), ("a\\b", "a\\\\b; format=cstring; timeout=20"),
        ("a;b", "YTti; format=base64; timeout=20"), (" a", "IGE=; format=base64; timeout=20"),
        ("a\tb", "YQli; format=base64; timeout=20"), ("\r\n", "\\r\\n; format=cstring; timeout=20"),
        ("é", "w6k=; format=base64; timeout=20"), ("a, \"b\"", "a, \"b\"; timeout=20"),
    ])
    func theShortestSafeFormatIsChosen(data: String, expected: String) throws {
        #expect(try self.header(Array(data.utf8)) == expected)
    }

    @Test func randomDataSurvivesAProxysParser() throws {
        var generator = SplitMix64(seed: 20)
        let alphabet = Array("ab;, \\\t\r\n\"=nxt:".utf8) + [0, 0x7F, 0xFF]
        for _ in 0..<5000 {
            let length = Int.random(in: 1...8, using: &generator)
            let data = (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let header = try self.header(data)
            #expect(ProxyKeepAlive.data(of: header) == data)
            #expect(try self.read(header)?.data == ByteBuffer(bytes: data))
        }
    }
}
