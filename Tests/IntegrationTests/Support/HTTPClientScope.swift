import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Gives `body` an HTTP client that shares no connection with any other and shows responses as they were sent.
func withHTTPClient<Result>(_ body: (HTTPClient) async throws -> Result) async throws -> Result {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.httpVersion = .http1Only
    // Tests only have a certificate that nobody trusts.
    configuration.tlsConfiguration = .makeClientConfiguration()
    configuration.tlsConfiguration?.certificateVerification = .none
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let result: Swift.Result<Result, any Error>
    do {
        result = .success(try await body(client))
    } catch {
        result = .failure(error)
    }
    try await client.shutdown()
    return try result.get()
}

/// Gives what `operation` gives, or throws ``TimedOut`` if that takes longer than `limit`.
func withDeadline<Result: Sendable>(
    _ limit: Duration,
    _ what: String,
    _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw TimedOut("waited \(limit) in vain for \(what)")
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}

/// A response that was read to its end.
struct FetchedResponse: Sendable {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var body: String
}

/// Sends a request and reads the whole response.
func fetch(
    _ url: String,
    _ method: HTTPMethod = .GET,
    headers: HTTPHeaders = [:],
    body: String? = nil,
    within limit: Duration = .seconds(60)
) async throws -> FetchedResponse {
    try await withStream(url, method, headers: headers, body: body, within: limit) { response in
        let body = try await response.readToEnd(within: limit)
        return FetchedResponse(status: response.status, headers: response.headers, body: String(buffer: body))
    }
}
