import GRIPEngine
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import GRIPProxy

/// Calls to an application in the same process, on an event loop that the test runs.
@Suite("In process: calls") struct InProcessOriginTests {
    /// Remembers what a receiver hears.
    private final class Receiver: OriginReceiver {
        var heard: [String] = []
        var isWritable = false

        func originWritabilityChanged(_ isWritable: Bool) {
            self.isWritable = isWritable
            self.heard.append(isWritable ? "writable" : "not writable")
        }

        func originHead(_ head: HTTPResponse) { self.heard.append("head \(head.status.code)") }

        func originBody(_ bytes: ByteBuffer) { self.heard.append("body \(String(buffer: bytes))") }

        func originReadComplete() {}

        func originEnd(_ trailers: HTTPFields?) { self.heard.append("end") }

        func originFailed(_ failure: OriginFailure) { self.heard.append("failed \(failure.label)") }
    }

    /// Takes parts of requests as an application does, when it wants to.
    private final class Application: ChannelDuplexHandler {
        typealias InboundIn = HTTPRequestPart
        typealias OutboundIn = HTTPResponsePart

        var parts: [String] = []
        var reads = true
        var events: [String] = []
        var context: ChannelHandlerContext?

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head): self.parts.append("\(head.method) \(head.path ?? "")")
            case .body(let bytes): self.parts.append("\(bytes.readableBytes)")
            case .end: self.parts.append("end")
            }
        }

        func read(context: ChannelHandlerContext) {
            if self.reads { context.read() }
        }

        func channelInactive(context: ChannelHandlerContext) { self.events.append("inactive") }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            self.events.append(context.channel.isWritable ? "writable" : "not writable")
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .inputClosed? = event as? ChannelEvent { self.events.append("input closed") }
        }
    }

    private final class Scene {
        let loop = EmbeddedEventLoop()
        var channels: [InMemoryChannel] = []
        var hasEnded = false
        private(set) lazy var origin = InProcessOrigin(eventLoop: self.loop, idleTimeout: .seconds(15)) { channel in
            self.channels.append(channel)
            return !self.hasEnded
        }

        func call(_ receiver: Receiver, _ method: HTTPRequest.Method = .get) -> any OriginCall {
            let request = OriginRequest(
                to: .inProcess,
                method: method,
                authority: "a",
                path: "/path",
                fields: PassedFields(),
                bodyLength: .none
            )
            let call = self.origin.open(request, for: receiver)
            call.start()
            return call
        }

        /// The application takes the next connection.
        func take() throws -> (InMemoryChannel, Application) {
            let next = self.channels.popLast()
            let channel = try #require(next)
            let application = Application()
            try channel.pipeline.syncOperations.addHandler(application)
            channel.activate()
            return (channel, application)
        }
    }

    private func respond(_ channel: InMemoryChannel, _ text: String) {
        channel.write(HTTPResponsePart.head(HTTPResponse(status: .ok)), promise: nil)
        channel.write(HTTPResponsePart.body(ByteBuffer(string: text)), promise: nil)
        channel.writeAndFlush(HTTPResponsePart.end(nil), promise: nil)
    }

    @Test("A connection is used again when the application is done with the request, and not before")
    func reuse() throws {
        let scene = Scene()
        let first = Receiver()
        let call = scene.call(first)
        let (channel, application) = try scene.take()
        call.end(nil)
        #expect(application.parts == ["GET /path", "end"])
        self.respond(channel, "one")
        #expect(first.heard == ["writable", "head 200", "body one", "end"])
        #expect(scene.origin.busyCount == 1)

        let second = Receiver()
        let other = scene.call(second)
        let (otherChannel, _) = try scene.take()
        #expect(otherChannel !== channel)

        channel.requestHandled()
        #expect(scene.origin.busyCount == 1)
        let third = Receiver()
        let again = scene.call(third)
        again.end(nil)
        #expect(application.parts == ["GET /path", "end", "GET /path", "end"])
        other.cancel()
        again.cancel()
        scene.loop.run()
        #expect(scene.origin.busyCount == 0)
        #expect(third.heard == ["writable"])
    }

    @Test("A body waits until the application reads, and the client is held up meanwhile")
    func requestBackpressure() throws {
        let scene = Scene()
        let receiver = Receiver()
        let call = scene.call(receiver, .post)
        let (channel, application) = try scene.take()
        application.reads = false
        #expect(application.parts == ["POST /path"])
        let piece = ByteBuffer(repeating: 0, count: 40_000)
        // One read was asked for before.
        call.send(piece)
        #expect(application.parts == ["POST /path", "40000"])
        call.send(piece)
        #expect(receiver.isWritable)
        call.send(piece)
        #expect(!receiver.isWritable)
        #expect(application.parts.count == 2)
        application.reads = true
        application.context?.read()
        #expect(application.parts == ["POST /path", "40000", "40000", "40000"])
        #expect(receiver.isWritable)
        channel.close(promise: nil)
        scene.loop.run()
        #expect(receiver.heard.last == "failed closed")
    }

    @Test("A client that does not read makes the channel unwritable")
    func responseBackpressure() throws {
        let scene = Scene()
        let receiver = Receiver()
        let call = scene.call(receiver)
        let (channel, application) = try scene.take()
        call.setReading(false)
        #expect(!channel.isWritable)
        call.setReading(true)
        #expect(channel.isWritable)
        #expect(application.events == ["not writable", "writable"])
        call.cancel()
        scene.loop.run()
        #expect(application.events.last == "inactive")
        #expect(receiver.heard == ["writable"])
    }

    @Test("An answer before the end of the request ends the connection")
    func earlyAnswer() throws {
        let scene = Scene()
        let receiver = Receiver()
        let call = scene.call(receiver, .post)
        let (channel, _) = try scene.take()
        self.respond(channel, "no")
        #expect(receiver.heard == ["writable", "head 200", "body no", "end"])
        #expect(!channel.isActive)
        call.end(nil)
        scene.loop.run()
        #expect(scene.origin.busyCount == 0)
    }

    @Test("The client's end of input comes after what it has sent")
    func inputCloses() throws {
        let scene = Scene()
        let receiver = Receiver()
        let call = scene.call(receiver, .post)
        let (channel, application) = try scene.take()
        application.reads = false
        call.send(ByteBuffer(string: "a"))
        call.send(ByteBuffer(string: "b"))
        call.end(nil)
        call.clientInputClosed()
        #expect(application.events.isEmpty)
        application.context?.read()
        #expect(application.parts == ["POST /path", "1", "1", "end"])
        #expect(application.events == ["input closed"])
        self.respond(channel, "late")
        channel.requestHandled()
        #expect(receiver.heard.suffix(3) == ["head 200", "body late", "end"])
        // Nobody else is to get a connection without input.
        #expect(!channel.isActive)
        scene.loop.run()
    }

    @Test("Word on the way is left out, and what is no response fails the call")
    func informational() throws {
        let scene = Scene()
        let receiver = Receiver()
        let call = scene.call(receiver)
        let (channel, _) = try scene.take()
        call.end(nil)
        channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .earlyHints)), promise: nil)
        #expect(receiver.heard == ["writable"])
        channel.writeAndFlush(HTTPResponsePart.body(ByteBuffer(string: "x")), promise: nil)
        #expect(receiver.heard == ["writable", "failed invalid"])
        #expect(!channel.isActive)
        scene.loop.run()
    }

    @Test("Connections that nobody needs are closed after a while, and all at the end")
    func idle() throws {
        let scene = Scene()
        let receiver = Receiver()
        let call = scene.call(receiver)
        let (channel, _) = try scene.take()
        call.end(nil)
        self.respond(channel, "x")
        channel.requestHandled()
        scene.origin.sweep(at: ProxyClock.now)
        #expect(channel.isActive)
        scene.origin.sweep(at: ProxyClock.now + .seconds(15))
        #expect(!channel.isActive)

        let busy = Receiver()
        _ = scene.call(busy)
        scene.origin.shutDown()
        scene.loop.run()
        #expect(busy.heard == ["writable", "failed closed"])
        #expect(scene.origin.busyCount == 0)
    }

    @Test("After the application's end a call fails as one that was never sent")
    func ended() {
        let scene = Scene()
        scene.hasEnded = true
        let receiver = Receiver()
        _ = scene.call(receiver)
        scene.loop.run()
        #expect(receiver.heard == ["failed unreachable"])
    }
}
