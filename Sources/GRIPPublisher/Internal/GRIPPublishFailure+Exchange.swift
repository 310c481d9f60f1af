import AsyncHTTPClient
import NIOCore

extension GRIPPublishFailure {
    private static let maximumExcerpt = 256
    private static let maximumReason = 256

    /// The failure that an answer means, or nothing when it is a success.
    static func refusal(_ answer: ControlExchange.Answer, secrets: [String]) -> GRIPPublishFailure? {
        let status = answer.status
        if answer.wasRedirected {
            return GRIPPublishFailure(
                .redirect,
                "the HTTP client followed a redirect, so something else than the control API answered",
                // A redirect with 307 or 308 takes the body along.
                mayHaveBeenPublished: true
            )
        }
        switch status {
        case 200..<300:
            return nil
        case 300..<400:
            return GRIPPublishFailure(
                .redirect,
                "answered \(status), and redirects are not followed",
                status: status,
                mayHaveBeenPublished: false
            )
        default:
            return GRIPPublishFailure(
                .status,
                "answered \(status)",
                status: status,
                responseExcerpt: self.excerpt(of: answer.body, secrets: secrets),
                // A gateway in between may give up on a proxy that does not.
                mayHaveBeenPublished: status >= 500
            )
        }
    }

    /// The failure of an attempt without an answer.
    static func interruption(
        _ error: (any Error)?,
        nothingWasSent: Bool,
        _ transport: ControlTransport,
        to name: String
    ) -> GRIPPublishFailure {
        let (code, reason): (Code, String) =
            switch error {
            case let trouble as ControlTransport.Trouble:
                switch trouble {
                case .notConnected:
                    (.connection, "no connection within \(min(transport.connectTimeout, transport.requestTimeout))")
                case .noAnswer: (.timeout, "no answer within \(transport.requestTimeout)")
                }
            case is CancellationError: (.cancelled, "cancelled")
            case let error as HTTPClientError where error == .cancelled: (.cancelled, "cancelled")
            case let error?:
                nothingWasSent
                    ? (.connection, "no connection: \(self.text(error, name))")
                    : (.noAnswer, "the connection ended without an answer: \(self.text(error, name))")
            case nil:
                (.noAnswer, "the connection ended without an answer")
            }
        return GRIPPublishFailure(code, reason, mayHaveBeenPublished: !nothingWasSent)
    }

    private static func text(_ error: any Error, _ name: String) -> String {
        self.printable(String(connectionError: error, to: name), limit: self.maximumReason)
    }

    /// The beginning of a body in one line.
    ///
    /// A server that repeats what it was sent must not bring our credentials into a log.
    private static func excerpt(of body: ByteBuffer, secrets: [String]) -> String {
        var text = String(buffer: body)
        for secret in secrets where !secret.isEmpty { text = text.replacing(secret, with: "(redacted)") }
        return self.printable(text, limit: self.maximumExcerpt)
    }

    private static func printable(_ text: String, limit: Int) -> String {
        var result = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            guard bytes <= limit else { break }
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            result.unicodeScalars.append(isControl ? " " : scalar)
        }
        while result.last == " " { result.removeLast() }
        return result
    }
}
