import GRIP
import HTTPTypes
import NIOCore
import Testing

/// Random values of everything an instruction can be made of.
struct RandomInstructions {
    var generator: SplitMix64

    private static let letters = [
        "a", "B", "7", "-", "_", " ", ",", ";", "=", "\"", "\\", "<", ">", "é", "日", "\u{301}", "\u{1F600}", "%2C", "/",
    ]

    init(seed: UInt64) { self.generator = SplitMix64(seed: seed) }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.generator) < percent }

    mutating func text(_ lengths: ClosedRange<Int>) -> String {
        let count = Int.random(in: lengths, using: &self.generator)
        return (0..<count).map { _ in Self.letters.randomElement(using: &self.generator) ?? "a" }.joined()
    }

    mutating func seconds() -> Duration { .seconds(Int.random(in: 0...200, using: &self.generator)) }

    mutating func channel() throws -> GRIPChannel {
        let filters = [GRIPFilter.skipSelf, .skipUsers, .buildID].filter { _ in self.chance(30) }
        var name = self.text(1...6)
        while (try? GRIPChannel(name)) == nil { name = self.text(1...6) }
        let member =
            self.chance(30) ? try GRIPMember(self.text(1...6), info: self.chance(50) ? self.text(0...6) : nil) : nil
        return try GRIPChannel(
            name,
            previousID: self.chance(50) ? self.text(0...6) : nil,
            filters: filters,
            member: member
        )
    }

    mutating func keepAlive() throws -> GRIPKeepAlive {
        let bytes = (0..<Int.random(in: 1...6, using: &self.generator)).map { _ in
            UInt8.random(in: 0...255, using: &self.generator)
        }
        let mode = self.chance(50) ? GRIPKeepAlive.Mode.idle : .interval
        return try GRIPKeepAlive(.binary(ByteBuffer(bytes: bytes)), after: self.seconds(), mode: mode)
    }

    mutating func link() throws -> GRIPLink {
        var uri = self.text(1...8)
        while (try? GRIPLink(uri)) == nil { uri = self.text(1...8) }
        return try GRIPLink(uri, timeout: self.chance(50) ? self.seconds() : nil)
    }

    mutating func instruction() throws -> GRIPInstruction {
        var hold: GRIPHold?
        if self.chance(40) {
            hold = .response(timeout: self.chance(50) ? self.seconds() : nil)
        } else if self.chance(70) {
            hold = .stream(keepAlive: self.chance(70) ? try self.keepAlive() : nil)
        }
        let channels = try (0..<Int.random(in: 1...4, using: &self.generator)).map { _ in try self.channel() }
        var instruction = try GRIPInstruction(hold: hold, channels: channels)
        if self.chance(40) { instruction = instruction.with(next: try self.link()) }
        if self.chance(40) { instruction = instruction.with(gone: try self.link()) }
        if self.chance(30) {
            let code = Int.random(in: 0...999, using: &self.generator)
            instruction = instruction.with(status: .init(code: code, reasonPhrase: self.chance(50) ? "So It Is" : ""))
        }
        for name in ["user", "sender", "X.y"] where self.chance(40) {
            instruction = try instruction.with(meta: [name: self.text(0...8)])
        }
        if self.chance(30) { instruction = instruction.exposing(.contentType, .eTag) }
        return instruction
    }
}

@Suite struct InstructionRoundTripTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func whatIsMadeIsReadBackFromItsHeaders(seed: UInt64) throws {
        var random = RandomInstructions(seed: seed)
        for _ in 0..<1000 {
            let instruction = try random.instruction()
            let fields = instruction.fields
            let parsed = try GRIPInstruction(fields: fields)
            try #require(parsed == instruction, "\(fields)")
            #expect(parsed.status?.reasonPhrase == instruction.status?.reasonPhrase)
            #expect(parsed.fields == fields)
        }
    }

    @Test func fieldsAreOneLineEachWithoutControlCharacters() throws {
        var random = RandomInstructions(seed: 5)
        for _ in 0..<1000 {
            let fields = try random.instruction().fields
            #expect(Set(fields.map(\.name)).count == fields.count)
            for field in fields {
                #expect(HTTPField.isValidValue(field.value))
                #expect(field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
            }
        }
    }
}
