import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A publisher's connection.
final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundOut = HTTPResponsePart

    private enum State {
        case waiting
        case reading(HTTPRequest, ByteBuffer, limit: Int)
        /// The answer is out; the rest of the request is of no interest.
        case refused
    }

    private let api: ControlAPI
    private let core: ProxyCore
    private var state = State.waiting

    private init(api: ControlAPI, core: ProxyCore) {
        self.api = api
        self.core = core
    }

    /// Makes a new connection one for publishers.
    ///
    /// Called on the connection's event loop.
    static func install(on channel: any Channel, api: ControlAPI, core: ProxyCore) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = core.limits.controlHead
        let operations = channel.pipeline.syncOperations
        try operations.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
        try operations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try operations.addHandler(ControlHandler(api: api, core: core))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.state = .reading(head, ByteBuffer(), limit: self.core.limits.controlBody)
        case .body(let bytes):
            guard case .reading(let head, var body, let limit) = self.state else { return }
            self.state = .waiting
            body.writeImmutableBuffer(bytes)
            self.state = .reading(head, body, limit: limit)
        case .end:
            guard case .reading(let head, let body, _) = self.state else { return }
            self.state = .waiting
            self.answer(head, body, context: context)
        }
    }

    private func answer(_ head: HTTPRequest, _ body: ByteBuffer, context: ChannelHandlerContext) {
        do {
            let items = try GRIPPublication.parse(json: body)
            self.core.publish(items)
            self.write(200, "Published\n", context)
        } catch {
            self.write(400, "\(error)\n", context)
        }
    }
    private func write(_ code: Int, _ text: String, _ context: ChannelHandlerContext) {
        context.write(
            self.wrapOutboundOut(
                .head(
                    HTTPResponse(
                        status: .init(code: code),
                        headerFields: [.contentLength: "\(text.utf8.count)", .connection: "close"]
                    )
                )
            ),
            promise: nil
        )
        context.write(self.wrapOutboundOut(.body(ByteBuffer(string: text))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }
}
struct ControlAPI { init(token: String?) {} }
