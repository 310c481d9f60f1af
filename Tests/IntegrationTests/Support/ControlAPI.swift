import Foundation
import GRIP
import Hummingbird

/// The control API of no proxy in particular, which tells what it was sent.
///
/// Exists only inside ``withControlAPI(status:_:)``.
struct ControlAPI: Sendable {
    struct Request: Sendable {
        var path: String
        var authorization: String?
        var publications: [GRIPPublication]
    }

    let url: String
    fileprivate let requests = Mailbox<Request>()

    /// The next request, which has been answered.
    func request() async throws -> Request? { try await self.requests.next(within: .seconds(60)) }

    /// The only item of the next request.
    func item() async throws -> GRIPItem? { try await self.request()?.publications.first?.item }
}

/// Runs a control API for as long as a closure does.
func withControlAPI<Result: Sendable>(
    status: HTTPResponse.Status = .ok,
    _ body: @Sendable (ControlAPI) async throws -> Result
) async throws -> Result {
    let port = try await FreePort.next()
    let api = ControlAPI(url: "http://127.0.0.1:\(port)")
    let router = Router()
    router.post("publish") { request, _ in
        let publications = try GRIPPublication.parse(json: try await request.body.collect(upTo: 1_000_000))
        api.requests.put(
            .init(
                path: request.uri.path,
                authorization: request.headers[.authorization],
                publications: publications
            )
        )
        return Response(status: status, body: .init(byteBuffer: .init(string: "this is the answer\n")))
    }
    return try await withApplication(
        { onServerRunning in
            Application(
                router: router,
                configuration: .init(address: .hostname("127.0.0.1", port: port)),
                onServerRunning: onServerRunning
            )
        },
        { try await body(api) }
    )
}
