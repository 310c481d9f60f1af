import GRIPEngine
import HTTPTypes
import Tracing

/// The span of one request, and of the requests to origins that it causes.
///
/// Without a tracer there is none, and nothing is looked for in headers.
struct RequestTrace {
    private let span: any Span
    private let tracer: any Tracer

    /// Begins a span under the one that the client names.
    ///
    /// - Returns: Nothing without a tracer.
    init?(_ request: ClientRequest, tracer: (any Tracer)?) {
        guard let tracer else { return nil }
        var context = ServiceContext.topLevel
        tracer.extract(request.fields, into: &context, using: FieldExtractor())
        self.tracer = tracer
        self.span = tracer.startSpan(request.method.rawValue, context: context, ofKind: .server)
        self.span.attributes["http.request.method"] = request.method.rawValue
        self.span.attributes["url.path"] = String(request.path.prefix { $0 != "?" })
    }

    /// Lets the origin continue the trace.
    func inject(into fields: inout PassedFields) {
        self.tracer.inject(self.span.context, into: &fields, using: FieldInjector())
    }

    /// Notes what the client was answered.
    func answered(_ status: HTTPResponse.Status) {
        self.span.attributes["http.response.status_code"] = status.code
        if status.kind == .serverError { self.span.setStatus(SpanStatus(code: .error)) }
    }

    func end() { self.span.end() }
}

private struct FieldInjector: Injector {
    func inject(_ value: String, forKey key: String, into fields: inout PassedFields) {
        guard let name = HTTPField.Name(key) else { return }
        fields[own: name] = value
    }
}

private struct FieldExtractor: Extractor {
    func extract(key: String, from fields: HTTPFields) -> String? {
        HTTPField.Name(key).flatMap { fields[$0] }
    }
}
