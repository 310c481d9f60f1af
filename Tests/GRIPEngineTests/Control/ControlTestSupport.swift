import GRIPEngine
import HTTPTypes
import NIOCore

extension ControlRequest {
    /// A request as a publisher makes it, with the length of its body.
    static func make(
        _ method: HTTPRequest.Method,
        _ target: String,
        _ body: String? = nil,
        _ fields: HTTPFields = [:]
    ) -> ControlRequest {
        var fields = fields
        if let body { fields[.contentLength] = String(body.utf8.count) }
        return ControlRequest(
            ControlHead(method: method, target: target, fields: fields),
            body: ByteBuffer(string: body ?? "")
        )
    }
}

extension ControlAPI {
    static let open = ControlAPI(token: nil, maximumBody: 1_000_000)

    /// What becomes of a request, or nothing when its head is refused.
    func decision(_ request: ControlRequest) -> Decision? {
        guard case .readBody = self.check(request.head) else { return nil }
        return self.decide(request)
    }

    /// The answer, where there is one without asking anybody.
    func response(_ request: ControlRequest) -> ControlResponse? {
        if case .respond(let response) = self.check(request.head) { return response }
        return switch self.decide(request) {
        case .respond(let response), .recover(let response): response
        case .publish(_, .atOnce(let format)): .published(format)
        default: nil
        }
    }
}

extension ControlResponse {
    var code: Int { self.head.status.code }
    var text: String { String(buffer: self.body) }
    var type: String? { self.head.headerFields[.contentType] }
}
