import NIOCore
import Testing

@testable import GRIPTesting

/// The frames that the suite writes and reads.
@Suite struct SocketFrameTests {
    @Test(arguments: [0, 1, 125, 126, 65535, 65536], [true, false])
    func framesComeBack(size: Int, isMasked: Bool) {
        var frame = SocketFrame(SocketFrame.binary, bytes: .pattern(size), isFinal: false)
        frame.isMasked = isMasked
        frame.reserved = 0x40
        var bytes = frame.encode()
        bytes.writeString("rest")
        #expect(SocketFrame.read(from: &bytes) == frame)
        #expect(String(buffer: bytes) == "rest")
    }

    @Test func aFrameIsReadOnlyOnceItIsComplete() {
        var frame = SocketFrame(SocketFrame.text, "hello")
        frame.isMasked = true
        let whole = frame.encode()
        for count in 0..<whole.readableBytes {
            var part = whole.getSlice(at: 0, length: count) ?? ByteBuffer()
            #expect(SocketFrame.read(from: &part) == nil)
            #expect(part.readableBytes == count)
        }
    }

    /// The example of RFC 6455, section 5.7.
    @Test func theMaskIsThatOfTheSpecification() {
        var bytes = ByteBuffer(bytes: [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        #expect(SocketFrame.read(from: &bytes)?.data == ByteBuffer(string: "Hello"))
    }

    /// The example of RFC 6455, section 1.3.
    @Test func theProofIsThatOfTheSpecification() {
        #expect(WebSocketKey.answer(to: WebSocketKey.sample) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
