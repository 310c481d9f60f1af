import GRIP
package import HTTPTypes

/// How a body is coded that the proxy has to read (`Content-Encoding`).
package enum ContentCoding: Sendable, Hashable {
    case gzip
    case deflate
    /// One that is not known here, or several.
    case other(String)

    /// Reads the fields of a response.
    ///
    /// - Returns: No value when the body is as it is.
    package init?(_ fields: HTTPFields) {
        guard fields.contains(.contentEncoding) else { return nil }
        let names = fields[values: .contentEncoding].flatMap { $0.split(separator: ",") }
            .map { $0.trimmingASCIIWhitespace().lowercased() }
            .filter { !$0.isEmpty && $0 != "identity" }
        guard let name = names.first else { return nil }
        guard names.count == 1 else {
            self = .other(String(names.joined(separator: ", ").prefix(100)))
            return
        }
        switch name {
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        default: self = .other(String(name.prefix(100)))
        }
    }

    package var name: String {
        switch self {
        case .gzip: "gzip"
        case .deflate: "deflate"
        case .other(let name): name
        }
    }
}

/// Why a coded body cannot be read.
package enum ContentCodingError: Error, Sendable, Hashable {
    /// The coding is not one that is decoded here.
    case unknown(ContentCoding)
    case invalid(ContentCoding)
    /// The body is longer than it may be once it is decoded.
    case tooLong(ContentCoding, limit: Int)
    /// Only a part of the body is there.
    case incomplete(ContentCoding)
}

extension ContentCodingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknown(let coding):
            "its content coding '\(coding.name)' is not known here; send it as it is, as 'Accept-Encoding: identity' asks"
        case .invalid(let coding): "it is not valid \(coding.name), which 'Content-Encoding' says it is"
        case .tooLong(let coding, let limit): "it has more than \(limit) bytes once its \(coding.name) is decoded"
        case .incomplete(let coding):
            "it is too long to be decoded from \(coding.name); send it as it is, as 'Accept-Encoding: identity' asks"
        }
    }
}
