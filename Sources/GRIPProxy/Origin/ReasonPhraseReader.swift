import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Notes the reason phrase of a response on its way to the decoder.
///
/// NIO's decoder gives a status that it knows its usual phrase, and clients are to see the origin's own.
final class ReasonPhraseReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        /// The status line has not come to its end.
        case line
        /// An interim response is to be skipped, up to its empty line.
        case interim(isAtLineStart: Bool)
        case done
    }

    /// Longer phrases are left to the decoder.
    private static let limit = 1024

    private var state = State.done
    private var line: [UInt8] = []
    /// The phrase of the last response, or nothing when it has none or a very long one.
    private(set) var phrase: String?

    /// Begins to look.
    ///
    /// Called when a request is sent.
    func expectResponse() {
        self.state = .line
        self.line.removeAll(keepingCapacity: true)
        self.phrase = nil
    }

    /// The response that a decoded head is, with the origin's own phrase.
    func response(_ head: HTTPResponseHead) throws -> HTTPResponse {
        var response = try HTTPResponse(head)
        guard let phrase = self.phrase else { return response }
        response.status = HTTPResponse.Status(code: response.status.code, reasonPhrase: phrase)
        return response
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .done = self.state {} else { self.read(self.unwrapInboundIn(data)) }
        context.fireChannelRead(data)
    }

    private func read(_ buffer: ByteBuffer) {
        for byte in buffer.readableBytesView {
            switch self.state {
            case .done: return
            case .interim(let isAtLineStart):
                if byte == UInt8(ascii: "\n") {
                    if isAtLineStart { self.expectResponse() } else { self.state = .interim(isAtLineStart: true) }
                } else if byte != UInt8(ascii: "\r") {
                    self.state = .interim(isAtLineStart: false)
                }
            case .line:
                if byte == UInt8(ascii: "\n") {
                    self.endLine()
                } else if self.line.count < Self.limit {
                    self.line.append(byte)
                } else {
                    self.state = .done
                }
            }
        }
    }

    private func endLine() {
        if self.line.last == UInt8(ascii: "\r") { self.line.removeLast() }
        let parts = self.line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count > 1, parts[1].first == UInt8(ascii: "1"), parts[1].count == 3 {
            self.state = .interim(isAtLineStart: true)
            return
        }
        self.state = .done
        // A phrase is bytes of Latin-1 or UTF-8; what is neither is left to the decoder.
        self.phrase = parts.count > 2 ? String(validating: parts[2], as: UTF8.self) : nil
    }
}
