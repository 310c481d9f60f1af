import GRIP
import HTTPTypes

/// What a request to the control API tells about its sender: whether it could be a web page.
///
/// A browser lets pages of any site send simple requests to any address that it reaches, this machine's included.
package struct ControlSender: Sendable, Hashable {
    /// The field that shows a page's request, or `nil` when there is none.
    package let evidence: Evidence?
    package let host: ControlHost

    package enum Evidence: String, Sendable, Hashable {
        case origin = "Origin"
        case fetchSite = "Sec-Fetch-Site"
    }

    init(evidence: Evidence? = nil, host: ControlHost = .none) {
        self.evidence = evidence
        self.host = host
    }

    /// Reads the fields of a request.
    init(_ fields: HTTPFields) {
        let sites = HTTPField.Name.secFetchSite.map { fields[values: $0] } ?? []
        if fields.contains(.origin) {
            self.evidence = .origin
        } else if !sites.allSatisfy({ Self.isOwn($0) }) {
            self.evidence = .fetchSite
        } else {
            self.evidence = nil
        }
        self.host = ControlHost(fields[values: .host])
    }

    /// Whether a value of `Sec-Fetch-Site` is one of what people ask for by themselves, or a page of this very API.
    private static func isOwn(_ site: String) -> Bool {
        let site = site.trimmingASCIIWhitespace()
        return site == "none" || site == "same-origin"
    }
}

extension HTTPField.Name {
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")
}
