import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A response whose body is read as it arrives.
///
/// Exists only inside ``withStream(_:_:headers:body:within:_:)``.
actor StreamedResponse {
    nonisolated let status: HTTPResponseStatus
    nonisolated let headers: HTTPHeaders
    private let chunks: Mailbox<ByteBuffer>
    private var unread = ByteBuffer()

    fileprivate init(_ response: HTTPClientResponse, _ chunks: Mailbox<ByteBuffer>) {
        self.status = response.status
        self.headers = response.headers
        self.chunks = chunks
    }

    /// Reads up to the end of the next occurrence of `text` and gives what was read, `text` included.
    func readUntil(_ text: String, within limit: Duration = .seconds(60)) async throws -> String {
        let deadline = ContinuousClock.now + limit
        let wanted = Array(text.utf8)
        while true {
            let view = unread.readableBytesView
            if let range = view.firstRange(of: wanted) {
                return unread.readString(length: range.upperBound - view.startIndex) ?? ""
            }
            guard try await more(before: deadline, wanting: "\"\(text)\"") else {
                throw TimedOut("the body ended before \"\(text)\"; unread: \(String(buffer: unread))")
            }
        }
    }

    /// Reads what is there, or the next bytes that arrive.
    func readUntilAny(within limit: Duration = .seconds(60)) async throws -> ByteBuffer {
        if unread.readableBytes == 0 {
            guard try await more(before: .now + limit, wanting: "anything") else {
                throw TimedOut("the body ended")
            }
        }
        defer { unread.clear() }
        return unread
    }

    /// Reads to the end of the body.
    func readToEnd(within limit: Duration = .seconds(60)) async throws -> ByteBuffer {
        let deadline = ContinuousClock.now + limit
        while try await more(before: deadline, wanting: "the end of the body") {}
        defer { unread.clear() }
        return unread
    }

    /// Whether nothing is unread and nothing arrives for that long (the end of the body counts as something).
    func isQuiet(for time: Duration) async throws -> Bool {
        guard unread.readableBytes == 0 else { return false }
        do {
            _ = try await more(before: .now + time, wanting: "nothing")
            return false
        } catch is TimedOut {
            return true
        }
    }

    private func more(before deadline: ContinuousClock.Instant, wanting: String) async throws -> Bool {
        do {
            guard let chunk = try await chunks.next(within: deadline - .now) else { return false }
            unread.writeImmutableBuffer(chunk)
            return true
        } catch is TimedOut {
            throw TimedOut("waited in vain for \(wanting); unread: \(String(buffer: unread))")
        }
    }
}

/// Sends a request on a connection of its own and gives `body` its response once the head arrived; the connection is
/// closed when `body` returns.
func withStream<Result: Sendable>(
    _ url: String,
    _ method: HTTPMethod = .GET,
    headers: HTTPHeaders = [:],
    body content: String? = nil,
    within limit: Duration = .seconds(60),
    _ body: (StreamedResponse) async throws -> Result
) async throws -> Result {
    try await withHTTPClient { client in
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = headers
        request.body = content.map { .bytes(ByteBuffer(string: $0)) }
        let prepared = request
        // AsyncHTTPClient's own deadline would end the body too, which here may stay open for long.
        let response = try await withDeadline(limit, "the response to \(method) \(url)") {
            try await client.execute(prepared, deadline: .distantFuture)
        }
        let chunks = Mailbox<ByteBuffer>()
        let reading = Task {
            do {
                for try await chunk in response.body { chunks.put(chunk) }
                chunks.finish()
            } catch {
                chunks.finish(throwing: error)
            }
        }
        defer { reading.cancel() }
        return try await body(StreamedResponse(response, chunks))
    }
}
