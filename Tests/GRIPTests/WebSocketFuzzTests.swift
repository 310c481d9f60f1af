import GRIP
import HTTPTypes
import NIOCore
import Testing

@Suite struct WebSocketFuzzTests {
    @Test func `Mutated events never crash the decoder, and what it accepts it also writes`() throws {
        var random = SplitMix64(seed: 0x5EED)
        let seeds = WebSocketEventCodecTests.vectors.map { Array(wire($0.wire).readableBytesView) }
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0...Int.random(in: 0...2, using: &random) { bytes += seeds.randomElement(using: &random) ?? [] }
            Self.mutate(&bytes, &random)
            let whole = Result { try WebSocketEvent.decode(ByteBuffer(bytes: bytes)) }
            let chunked = Result { try Self.decodeInChunks(bytes, &random) }
            switch (whole, chunked) {
            case (.success(let events), .success(let others)):
                accepted += 1
                #expect(events == others)
                #expect(try WebSocketEvent.decode(WebSocketEvent.encode(events)) == events)
            case (.failure(let error), .failure(let other)):
                #expect(error as? WebSocketEventError == other as? WebSocketEventError)
            default:
                Issue.record("chunks change the outcome of \(bytes)")
            }
        }
        #expect(accepted > 1000)
    }

    @Test func `Random bytes never crash the decoder`() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if let events = try? WebSocketEvent.decode(ByteBuffer(bytes: bytes)) {
                #expect((try? WebSocketEvent.decode(WebSocketEvent.encode(events))) == events)
            }
        }
    }

    @Test func `Mutated control messages never crash, and what is accepted is also written`() throws {
        var random = SplitMix64(seed: 0xC0)
        let seeds = WebSocketControlMessageTests.vectors.map { Array($0.json.utf8) }
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = seeds.randomElement(using: &random) ?? []
            Self.mutate(&bytes, &random)
            guard let message = try? WebSocketControlMessage(parsing: ByteBuffer(bytes: bytes)) else { continue }
            accepted += 1
            #expect(try WebSocketControlMessage(parsing: message.encoded()) == message)
        }
        #expect(accepted > 1000)
    }

    @Test func `Any batch makes a session whose response is well-formed`() throws {
        var random = SplitMix64(seed: 99)
        let vectors = WebSocketEventCodecTests.vectors.map(\.event)
        for _ in 0..<5_000 {
            let batch = (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in
                vectors.randomElement(using: &random)
            }
            guard var session = try? WebSocketSession(connectionID: "c", requestFields: [:], events: batch) else {
                #expect(batch.dropFirst().contains(.open))
                continue
            }
            session.accept()
            for message in session.messages { session.send(message) }
            if Bool.random(using: &random) { while session.receive() != nil {} }
            let events = try WebSocketEvent.decode(session.makeResponse().body)
            #expect(events.contains(.open) == session.isOpening)
            if session.isClosing, !session.isDisconnected {
                guard case .close? = events.last else {
                    Issue.record("\(batch) is not closed")
                    continue
                }
            }
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let interesting = Array("\r\n 0159afzTEXCLOSINGPDBRYU:\"{}[],\\".utf8) + [0, 0xFF, 0xC3]
        for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0: bytes[index] = interesting.randomElement(using: &random) ?? 0
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(interesting.randomElement(using: &random) ?? 0, at: index)
            default: bytes.removeLast(Int.random(in: 0...min(4, bytes.count), using: &random))
            }
        }
    }

    private static func decodeInChunks(_ bytes: [UInt8], _ random: inout SplitMix64) throws -> [WebSocketEvent] {
        // The limit of the one-shot form, which has the whole body in memory already.
        var decoder = WebSocketEventDecoder(maximumContentLength: .max)
        var events: [WebSocketEvent] = []
        var rest = ByteBuffer(bytes: bytes)
        while rest.readableBytes > 0 {
            let size = Int.random(in: 1...rest.readableBytes, using: &random)
            if let chunk = rest.readSlice(length: size) { events += try decoder.decode(chunk) }
        }
        try decoder.finish()
        return events
    }
}
