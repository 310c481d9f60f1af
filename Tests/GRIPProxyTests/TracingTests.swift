import GRIPProxy
import InMemoryTracing
import Testing
import Tracing

/// Spans of requests.
@Suite("Proxy: tracing") struct TracingTests {
    private func request(
        _ fields: String = "",
        tracer: InMemoryTracer
    ) async throws -> String? {
        try await TestOrigin.with([], "span ", adding: InMemoryTracer.spanIDKey) { port in
            try await withProxy(tracer: tracer) {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /a?secret HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
                    return try await client.response()?.body
                }
            }
        }
    }

    @Test("A request is a span, and the origin continues its trace")
    func span() async throws {
        let tracer = InMemoryTracer()
        let body = try await self.request(tracer: tracer)
        let span = try #require(tracer.finishedSpans.first)
        #expect(tracer.finishedSpans.count == 1)
        #expect(tracer.activeSpans.isEmpty)
        #expect(body == "span \(span.spanID)")
        #expect(span.kind == .server)
        #expect(span.operationName == "GET")
        #expect(span.attributes.get("url.path") == .string("/a"))
        #expect(span.attributes.get("http.request.method") == .string("GET"))
        #expect(span.attributes.get("http.response.status_code") == .int64(200))
        #expect(span.status == nil)
        #expect(span.parentSpanID == nil)
    }

    @Test("The span is a child of the client's")
    func parent() async throws {
        let tracer = InMemoryTracer()
        let fields = "\(InMemoryTracer.traceIDKey): t1\r\n\(InMemoryTracer.spanIDKey): s1\r\n"
        let body = try await self.request(fields, tracer: tracer)
        let span = try #require(tracer.finishedSpans.first)
        #expect(span.traceID == "t1")
        #expect(span.parentSpanID == "s1")
        #expect(body == "span \(span.spanID)")
    }

    @Test("A request without a route is a span with an error")
    func failure() async throws {
        let tracer = InMemoryTracer()
        try await withProxy(tracer: tracer) { proxy in
            try await proxy.client { client in
                try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.response()?.code == 502)
            }
        }
        let span = try #require(tracer.finishedSpans.first)
        #expect(span.attributes.get("http.response.status_code") == .int64(502))
        #expect(span.status?.code == .error)
    }

    @Test("The span of a held request ends when the client leaves")
    func left() async throws {
        let tracer = InMemoryTracer()
        try await TestOrigin.with([("Grip-Hold", "stream"), ("Grip-Channel", "a")], "[open]") { port in
            try await withProxy(tracer: tracer) {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(try await client.text(upTo: "[open]") != nil)
                }
            }
        }
        #expect(tracer.activeSpans.isEmpty)
        #expect(tracer.finishedSpans.count == 1)
    }
}
