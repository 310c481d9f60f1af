import GRIP
package import HTTPTypes

extension HeaderPolicy {
    /// What a response is to the proxy.
    package enum ResponseKind: Sendable, Hashable {
        /// One without instructions, or whose instructions are for somebody else: the client is trusted or the route
        /// does no GRIP.
        case relayed
        /// One whose instructions are followed, so that the length of the body may change.
        case instructed
    }

    private static let endToEndInResponses: Set<HTTPField.Name> = [
        .cacheControl, .contentEncoding, .contentLength, .contentType, .setCookie,
    ]

    /// The fields that the client gets.
    ///
    /// Unlike Pushpin, this keeps `Content-Encoding`, because the body stays as it is encoded.
    ///
    /// - Parameters:
    ///   - fields: The origin's fields.
    ///   - kind: What the response is to the proxy.
    ///   - exposed: The only names that stay, or nothing when all do.
    package static func responseFields(
        _ fields: HTTPFields,
        kind: ResponseKind,
        exposing exposed: Set<HTTPField.Name>? = nil
    ) -> HTTPFields {
        let named = fields.namedByConnection
        // Many fields are left out one by one much more slowly than all of them at once.
        var result = HTTPFields()
        result.reserveCapacity(fields.count)
        for field in fields {
            switch field.name {
            case .connection, .keepAlive, .transferEncoding, .te, .proxyConnection: continue
            // The proxy makes such a response anew, and says itself what belongs to the connection.
            case .contentLength where kind == .instructed: continue
            case .trailer where kind == .instructed: continue
            case .upgrade where kind == .instructed: continue
            case let name where kind == .instructed && name.canonicalName.hasBytePrefix("proxy-"): continue
            case let name where name.isGRIP:
                if kind == .instructed { continue }
            case let name where named.contains(name) && !Self.endToEndInResponses.contains(name): continue
            case let name where kind == .instructed:
                if let exposed, !exposed.contains(name) { continue }
            default: break
            }
            result.append(field)
        }
        return result
    }
}
