import GRIP
import GRIPEngine
import HTTPTypes
import Logging
import NIOCore

extension ProxyCore {
    /// Notes that a publisher did not get what it wants: many publishers do not look at the answer.
    func logRefusal(_ response: ControlResponse, of head: ControlHead?) {
        let code = response.head.status.code
        self.log.write(
            .info,
            .controlRefused,
            about: "\(code)",
            "a request to the control API got \(code): \(self.log.cut(response.text))",
            head.map { ["http.request.method": "\($0.method)", "url.path": "\(LogText.wholePath($0.target))"] } ?? [:]
        )
    }
}

extension ControlResponse {
    /// The body without the line end behind it.
    fileprivate var text: String {
        let text = String(buffer: self.body)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
