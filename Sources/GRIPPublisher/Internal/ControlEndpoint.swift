import AsyncHTTPClient
import GRIP
import Logging
import Metrics
import NIOCore
import NIOHTTP1
import Tracing

/// The control API of one proxy.
struct ControlEndpoint: Sendable {
    /// Where it is, without secrets.
    let name: String
    let uri: GRIPControlURI
    let credentials: ControlCredentials
    let transport: ControlTransport
    let retry: GRIPRetryPolicy
    let metrics: PublisherMetrics
    let logger: Logger
    let tracer: any Tracer
    /// Whether the trace context is written into requests here; a client of the application's does that itself.
    let injectsContext: Bool

    /// Sends batches in order, up to the first that fails.
    func send(_ batches: [PublishBatch], _ countsDeliveries: Bool) async -> GRIPPublishResult.Outcome {
        var accepted = 0
        let count = countsDeliveries ? DeliveryCount() : nil
        let busRefusal = BusRefusal()
        for batch in batches {
            if let failure = await self.send(batch, counting: count, busRefusal) {
                self.metrics.failed.increment(by: batches.reduce(0) { $0 + $1.count } - accepted)
                return GRIPPublishResult.Outcome(
                    controlURI: self.name,
                    accepted: accepted,
                    failure: failure,
                    busRefusal: busRefusal.reason
                )
            }
            accepted += batch.count
        }
        return GRIPPublishResult.Outcome(
            controlURI: self.name,
            accepted: accepted,
            deliveries: count?.total,
            busRefusal: busRefusal.reason
        )
    }

    /// Sends a batch, more than once where the retry policy has it so.
    ///
    /// - Returns: Why the proxy did not accept it, or `nil` when it did.
    func send(
        _ batch: PublishBatch,
        counting count: DeliveryCount? = nil,
        _ busRefusal: BusRefusal? = nil
    ) async -> GRIPPublishFailure? {
        let body = batch.body
        return await self.tracer.withSpan("grip.publish", ofKind: .client) { span in
            self.describe(batch, bytes: body.readableBytes, in: span)
            var attempt = 1
            while true {
                let failure = await self.attempt(body, count, busRefusal, in: span)
                guard let failure else {
                    self.metrics.accepted.increment(by: batch.count)
                    return nil
                }
                let jitter = Double.random(in: 0...1)
                guard let delay = self.retry.delay(after: failure, attempt: attempt, jitter: jitter),
                    await self.sleep(for: delay)
                else {
                    span.attributes["error.type"] = "\(failure.code)"
                    span.setStatus(SpanStatus(code: .error, message: failure.reason))
                    return failure
                }
                self.logger.debug("publishing again", metadata: self.metadata(failure))
                self.metrics.retried(failure.code)
                attempt += 1
                span.attributes["http.request.resend_count"] = attempt - 1
            }
        }
    }

    func metadata(_ failure: GRIPPublishFailure) -> Logger.Metadata {
        ["grip.proxy": "\(self.name)", "grip.failure": "\(failure)", "grip.failure.code": "\(failure.code)"]
    }

    private func describe(_ batch: PublishBatch, bytes: Int, in span: any Span) {
        guard span.isRecording else { return }
        span.attributes["http.request.method"] = "POST"
        span.attributes["http.request.body.size"] = bytes
        span.attributes["messaging.batch.message_count"] = batch.count
        span.attributes["server.address"] = self.uri.host
        span.attributes["server.port"] = self.uri.port ?? (self.uri.scheme == "https" ? 443 : 80)
        span.attributes["url.scheme"] = self.uri.scheme
    }

    /// Waits; false when cancelled meanwhile.
    private func sleep(for delay: Duration) async -> Bool {
        do { try await Task.sleep(for: delay) } catch { return false }
        return true
    }

    private func attempt(
        _ body: ByteBuffer,
        _ count: DeliveryCount?,
        _ busRefusal: BusRefusal?,
        in span: any Span
    ) async -> GRIPPublishFailure? {
        let start = ContinuousClock.now
        let failure = await self.request(body, count, busRefusal, in: span)
        self.metrics.requested(failure?.code, took: start.duration(to: .now))
        return failure
    }

    private func request(
        _ body: ByteBuffer,
        _ count: DeliveryCount?,
        _ busRefusal: BusRefusal?,
        in span: any Span
    ) async -> GRIPPublishFailure? {
        var request = HTTPClientRequest(url: self.uri.publishURI)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        let authorization: ControlCredentials.Field?
        do {
            authorization = try self.credentials.field()
        } catch {
            return GRIPPublishFailure(.authorization, "no token: \(error)", mayHaveBeenPublished: false)
        }
        if let authorization { request.headers.add(name: "Authorization", value: authorization.value) }
        if count != nil {
            request.headers.add(name: "Prefer", value: "return=representation")
            request.headers.add(name: "Accept", value: "application/json")
        }
        if self.injectsContext { self.tracer.inject(span.context, into: &request.headers, using: HeaderInjector()) }
        let exchange = ControlExchange(
            keptBytes: count == nil ? ControlExchange.excerptBytes : DeliveryCount.maximumBytes
        )
        request.body = .stream(
            GatedBody(bytes: body, exchange: exchange),
            length: .known(Int64(body.readableBytes))
        )
        var problem: (any Error)?
        do { try await self.transport.perform(request, exchange) } catch { problem = error }
        if let answer = exchange.answer {
            // Whatever happened after the status does not change what the proxy did.
            span.attributes["http.response.status_code"] = answer.status
            let refusal = GRIPPublishFailure.refusal(answer, secrets: authorization?.secrets ?? [])
            if refusal == nil {
                count?.add(answer.body)
                busRefusal?.note(answer.busRefusal)
            }
            return refusal?.explained(by: body)
        }
        return .interruption(problem, nothingWasSent: exchange.withdraw(), self.transport, to: self.uri.authority)
    }
}

extension GRIPControlURI {
    /// The host and the port.
    fileprivate var authority: String { "\(self.host):\(self.port ?? (self.scheme == "https" ? 443 : 80))" }
}

/// Writes a trace context into header fields.
private struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into headers: inout HTTPHeaders) {
        headers.replaceOrAdd(name: key, value: value)
    }
}
