import GRIP
import NIOCore
import Synchronization

/// What a scenario works with: paths and channels of its own, and everything that surrounds a proxy.
struct ConformanceEnvironment: Sendable {
    private final class Owned: Sendable {
        let streams = Mutex<[ByteStream]>([])
        let pages = Mutex<[OriginPage]>([])
    }

    let target: GRIPConformanceTarget
    /// A channel that no other scenario uses.
    let channel: String
    private let token: String
    private let origin: Origin
    private let owned = Owned()

    init(_ target: GRIPConformanceTarget, _ origin: Origin) {
        self.target = target
        self.origin = origin
        self.token = String(UInt64.random(in: .min ... .max), radix: 36)
        self.channel = "ch-\(self.token)"
    }

    var patience: Duration { self.target.patience }

    /// Ends what the scenario has begun.
    func close() {
        for stream in self.owned.streams.withLock({ $0 }) { stream.close() }
        for page in self.owned.pages.withLock({ $0 }) { self.origin.remove(page) }
    }

    /// Throws what went wrong at the origin.
    func checkOrigin() throws { for page in self.owned.pages.withLock({ $0 }) { try page.check() } }

    // MARK: Origin

    /// Makes a page of the origin.
    ///
    /// - Parameters:
    ///   - answers: What is answered; the last one stays.
    ///   - name: Tells the pages of a scenario apart.
    ///   - root: The beginning of the path, which decides on the route.
    func page(
        _ answers: OriginAnswer...,
        named name: String = "page",
        under root: String = "/c"
    ) -> OriginPage {
        let page = OriginPage(path: self.path(name, under: root), patience: self.patience, answers: answers)
        self.origin.add(page)
        self.owned.pages.withLock { $0.append(page) }
        return page
    }

    func path(_ name: String = "page", under root: String = "/c") -> String { "\(root)/\(self.token)/\(name)" }

    // MARK: Clients

    func connect() async throws -> ClientConnection { try await self.connect(to: self.target.proxy) }

    private func connect(to address: GRIPConformanceTarget.Address) async throws -> ClientConnection {
        let stream = try await ByteStream.connect(to: address, within: self.patience)
        self.owned.streams.withLock { $0.append(stream) }
        return ClientConnection(stream, host: "\(address)", patience: self.patience)
    }

    /// Sends a request on a connection of its own, and gives the connection.
    func begin(
        _ method: String = "GET",
        _ target: String,
        _ fields: HeaderList = [:],
        body: String? = nil
    ) async throws -> ClientConnection {
        let connection = try await self.connect()
        try await connection.request(method, target, fields, body: body.map { ByteBuffer(string: $0) })
        return connection
    }

    /// Sends a request on a connection of its own, and gives the response.
    func fetch(
        _ method: String = "GET",
        _ target: String,
        _ fields: HeaderList = [:],
        body: String? = nil
    ) async throws -> ClientConnection.Response {
        let connection = try await self.begin(method, target, fields, body: body)
        defer { connection.close() }
        return try await connection.response()
    }

    /// Opens a stream, and reads its beginning.
    func stream(
        _ target: String,
        _ fields: HeaderList = [:],
        begins beginning: String = "[open]\n"
    ) async throws -> ClientConnection {
        let connection = try await self.begin("GET", target, fields)
        _ = try await connection.head()
        try await connection.body(until: beginning)
        return connection
    }

    // MARK: Publishing

    /// Sends a request to the control API.
    func control(
        _ method: String = "POST",
        _ target: String = "/publish/",
        _ fields: HeaderList = [:],
        body: String? = nil
    ) async throws -> ClientConnection.Response {
        let connection = try await self.connectToControl()
        defer { connection.close() }
        try await connection.request(method, target, fields, body: body.map { ByteBuffer(string: $0) })
        return try await connection.response()
    }

    func connectToControl() async throws -> ClientConnection { try await self.connect(to: self.target.control) }

    /// Publishes an item of one format, of several, or several items of one format each.
    func publish(_ items: GRIPItem..., to channel: String? = nil) async throws {
        let channel = try GRIPChannel(channel ?? self.channel)
        let body = GRIPPublication.json(items.map { GRIPPublication($0, to: channel) })
        try await self.publish(body: String(buffer: body))
    }

    func publish(_ format: GRIPFormat, to channel: String? = nil) async throws {
        try await self.publish(GRIPItem(format), to: channel)
    }

    /// Publishes formats that are JSON already, on the scenario's channel.
    func publish(formats: String, to channel: String? = nil) async throws {
        let channel = channel ?? self.channel
        try await self.publish(body: #"{"items":[{"channel":"\#(channel)","formats":{\#(formats)}}]}"#)
    }

    func publish(body: String) async throws {
        let response = try await self.control(body: body)
        try expect("the control API's answer to a publish", response.status, is: 200)
    }
}
