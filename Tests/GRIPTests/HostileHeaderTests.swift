import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import GRIP

@Suite struct HostileHeaderTests {
    private static let pieces = [
        "a", "b=1", "=", ";", ",", "\"", "\\", " ", "\t", "<", ">", "</n>", "; rel=next", "; rel=gone", "; prev-id=",
        "\"\"",
        "; filter=f", "; member=", "; member-info=", "; timeout=", "5", "-1", "99999999999", "; format=cstring",
        "; format=base64", "; mode=interval",
        "; last-id=", "response", "stream", "200", "\\x4", "\\n", "é", "\u{301}", "\u{0}", "\r\n", "%", "a,b", "; ",
        ", ",
    ]

    private static let instructionSeeds: [(name: HTTPField.Name, values: [String])] = [
        (.gripHold, ["response", "stream"]),
        (
            .gripChannel,
            [
                "a", "a, b", "a; prev-id=1; filter=skip-self, b; prev-id=\"2,3\"", "a;filter=f;filter=g",
                "a; member=alice; member-info=\"{\\\"n\\\":1}\", b; member=\"b,c\"",
            ]
        ),
        (.gripTimeout, ["55", "0"]),
        (.gripKeepAlive, ["\\n; format=cstring; timeout=20", "cGluZw==; format=base64; mode=interval", "x", "a\\x41"]),
        (.gripLink, ["</n>; rel=next; timeout=5, </g>; rel=gone", "<http://h/>; rel=next"]),
        (.gripStatus, ["404", "404 Not Found"]),
        (.gripSetMeta, ["a=\"1\", b=2", "a=\"\\\"\\\\,\""]),
        (.gripExposeHeaders, ["Content-Type, ETag"]),
    ]

    /// The instruction as the public interface makes it, or nothing where it does not.
    private func remade(_ parsed: GRIPInstruction) -> GRIPInstruction? {
        let channels = parsed.channels.compactMap { channel -> GRIPChannel? in
            let filters = channel.filters.compactMap { try? GRIPFilter($0.name) }
            guard filters == channel.filters else { return nil }
            return try? GRIPChannel(
                channel.name,
                previousID: channel.previousID,
                filters: filters,
                member: channel.member
            )
        }
        guard channels == parsed.channels, var result = try? GRIPInstruction(hold: parsed.hold, channels: channels)
        else { return nil }
        if let link = parsed.nextLink {
            guard let link = try? GRIPLink(link.uri, timeout: link.timeout) else { return nil }
            result = result.with(next: link)
        }
        if let link = parsed.goneLink {
            guard let link = try? GRIPLink(link.uri) else { return nil }
            result = result.with(gone: link)
        }
        if let status = parsed.status { result = result.with(status: status) }
        return try? result.with(meta: parsed.meta)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func anInstructionThatIsAcceptedIsValid(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var inputs = Self.instructionSeeds.map {
            HostileBytes(seed: generator.next(), seeds: $0.values, pieces: Self.pieces)
        }
        var accepted = 0
        var readBack = 0
        for _ in 0..<5000 {
            var fields = HTTPFields()
            for (index, seed) in Self.instructionSeeds.enumerated() {
                switch Int.random(in: 0..<8, using: &generator) {
                case 0, 1: fields.append(HTTPField(name: seed.name, value: inputs[index].nextText()))
                case 2, 3: fields.append(HTTPField(name: seed.name, value: seed.values[0]))
                default: continue
                }
            }
            guard let parsed = try? GRIPInstruction(fields: fields) else { continue }
            accepted += 1
            #expect(parsed.channels.allSatisfy { $0.filters.count <= GRIPChannel.maximumFilters })
            #expect(parsed.hold?.keepAlive?.data.readableBytes != 0)
            #expect(parsed.hold?.timeout.map { $0 >= .zero } ?? true)
            #expect(parsed.nextLink?.uri.isEmpty != true)
            let written = parsed.fields
            #expect(written.allSatisfy { HTTPField.isValidValue($0.value) })
            guard var made = self.remade(parsed) else { continue }
            readBack += 1
            made = try GRIPInstruction(fields: made.fields)
            // The names of exposed headers have no initializer that takes a list.
            let names = try GRIPInstruction(fields: written).exposedHeaders
            try #require(names == parsed.exposedHeaders, "\(fields)")
            try #require(made.channels == parsed.channels && made.meta == parsed.meta, "\(fields)")
            try #require(made.hold == parsed.hold && made.status == parsed.status, "\(fields)")
            try #require(made.nextLink == parsed.nextLink && made.goneLink == parsed.goneLink, "\(fields)")
        }
        #expect(accepted > 500)
        #expect(readBack > 200)
    }

    @Test(arguments: [5, 6] as [UInt64])
    func aRequestIsReadWhateverItsHeaders(seed: UInt64) throws {
        let meta = try #require(HTTPField.Name("Meta-User"))
        let names: [HTTPField.Name] = [
            .gripSig, .gripFeature, .gripLast, .gripLast, .connectionID, .gripSessionID, meta,
        ]
        var input = HostileBytes(
            seed: seed,
            seeds: ["a; last-id=1", "a; last-id=\"2,3\"", "a; last-id=1, b; last-id=2", "status, link:next", "x"],
            pieces: Self.pieces
        )
        var readBack = 0
        for _ in 0..<6000 {
            var fields = HTTPFields()
            for name in names { fields.append(HTTPField(name: name, value: input.nextText())) }
            let request = GRIPRequest(fields: fields)
            #expect(request.signature?.isEmpty != true)
            #expect(request.features.allSatisfy { !$0.name.isEmpty })
            var written = HTTPFields()
            request.write(to: &written)
            let again = GRIPRequest(fields: written)
            let canBeWritten =
                request.lastIDs.allSatisfy { (try? GRIPChannel($0.key, previousID: $0.value)) != nil }
                && request.features.allSatisfy { !$0.name.utf8.contains(.quote) }
            guard canBeWritten else { continue }
            readBack += 1
            try #require(again == request, "\(fields)")
        }
        #expect(readBack > 500)
    }

    @Test(arguments: [7, 8] as [UInt64])
    func parametersAreReadWhateverTheText(seed: UInt64) throws {
        var input = HostileBytes(seed: seed, seeds: ["a; b=1; c=\"d\\\"e\"; f", "a, \"b,c\", d"], pieces: Self.pieces)
        for _ in 0..<6000 {
            let text = input.nextText()
            for element in FieldParameters.elements(of: [text]) {
                #expect(element == element.trimmingASCIIWhitespace())
                guard let (first, parameters) = FieldParameters.parse(opaqueFirst: element) else { continue }
                #expect(!first.utf8.contains(.semicolon))
                for parameter in parameters {
                    guard let value = parameter.value, !value.containsControlCharacters else { continue }
                    let encoded = FieldParameters.encodeValue(value)
                    #expect(FieldParameters.parse(Substring("x=\(encoded); y"))?.first?.value == value)
                }
            }
        }
    }
}
