import GRIP
import GRIPAdapter
import GRIPPublisher
import GRIPTesting
import HTTPTypes
import Logging
import MinimalAdapter
import NIOCore
import ServiceLifecycle

/// Ends the program with a reason where something is not as it should be.
func check(_ condition: Bool, _ what: String) {
    guard condition else { fatalError("not as it should be: \(what)") }
    print("as it should be: \(what)")
}

let proxy = GRIPTestProxy()
let publisher = RecordingPublisher()
let grip = try GRIPOrigin(proxy.configuration, publisher: publisher)

// An origin that no adapter is made for refuses to run, in words of no framework.
do {
    try await grip.run()
    check(false, "an origin without an adapter runs")
} catch let error as GRIPConfigurationError {
    check(error.description.contains("markInstalled()"), "an origin without an adapter says what is missing")
}

let adapter = TinyGRIP(grip)
let stream = adapter { request in
    guard request.head.method == .post else {
        return TinyResponse(fields: GRIPInstruction.stream(on: "test").fields, body: ByteBuffer(string: "[open]\n"))
    }
    try await grip.publish(.httpStream(.binary(request.body)), to: "test")
    return TinyResponse()
}
let echo = adapter.webSocket { socket in
    if socket.isOpening {
        socket.accept()
        socket.subscribe(to: "test")
    }
    for message in socket.messages {
        guard message != "fail" else { throw GRIPRefusal(.badRequest, "as it was asked to") }
        socket.send(message)
    }
}

// A hold.
var head = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/stream")
head.headerFields = try proxy.fields()
let held = try await stream(TinyRequest(head))
check(held.head.headerFields[.gripHold] == "stream", "a proxy is told to hold")
head.headerFields = [:]
let ended = try await stream(TinyRequest(head))
check(ended.head.headerFields[.gripHold] == nil, "a client without a proxy gets no instruction")

// A publish.
head.method = .post
_ = try await stream(TinyRequest(head, body: ByteBuffer(string: "hi\n")))
check(publisher.publications(to: "test").count == 1, "an item is published")

// A WebSocket.
var socket = GRIPTestWebSocket(through: proxy)
@MainActor func send(_ events: WebSocketEvent...) async throws -> GRIPTestWebSocketAnswer {
    let request = try socket.request(events)
    var head = HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: "/echo")
    head.headerFields = request.fields
    let response = try await echo(TinyRequest(head, body: request.body))
    return try socket.receive(response.head.status, response.head.headerFields, response.body)
}
let opened = try await send(.open)
check(opened.isAccepted && opened.subscriptions == ["test"], "a WebSocket is accepted and subscribed")
let echoed = try await send(.text("hello"))
check(echoed.messages == ["hello"], "a message is echoed")
let failed = try await send(.text("fail"))
check(failed.close??.code == .internalError, "a handler that throws ends its WebSocket with 1011")
socket = GRIPTestWebSocket(through: nil)
let refused = try await send(.open)
check(refused.status == .forbidden, "events that no proxy sends are refused")

// The service.
struct Server: Service {
    func run() async throws {}
}
let services = ServiceGroup(
    configuration: .init(
        services: [
            .init(service: grip),
            .init(service: Server(), successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        logger: Logger(label: "minimal-adapter")
    )
)
try await services.run()
check(true, "the origin runs as a service and ends with the server")
print("The adapter works.")
