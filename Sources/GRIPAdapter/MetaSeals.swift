import GRIP
import GRIPSignature
import HTTPTypes
import Logging
import Synchronization

/// What signs and verifies the meta of WebSockets: the first secret signs, all are believed.
///
/// Without a secret of the application, meta passes as it is.
final class MetaSeals: Sendable {
    private let seals: [MetaSeal]
    private let hasWarned = Mutex(false)

    /// Makes the seals of an application.
    init(_ configuration: GRIPConfiguration) throws(GRIPError) {
        self.seals = try configuration.sealingKeys.map { key throws(GRIPError) in try MetaSeal(key) }
    }

    /// Takes the signature out of the meta of a request, and all of the meta where that is not what the application has
    /// set for the connection.
    func check(_ request: inout GRIPRequest, logger: Logger) {
        guard !request.meta.isEmpty else { return }
        let seal = request.meta.removeValue(forKey: MetaSeal.metaName)
        guard !self.isValid(seal, request.meta, request.connectionID) else { return }
        request.meta = [:]
        guard self.hasWarned.withLock({ !exchange(&$0, with: true) }) else { return }
        logger.warning(
            """
            the meta of a WebSocket is dropped, because this application has not set it for that connection: the proxy \
            forwards the Meta headers of clients, or processes of the application have different keys
            """
        )
    }

    private func isValid(_ seal: String?, _ meta: [String: String], _ connectionID: String?) -> Bool {
        guard !self.seals.isEmpty, !meta.isEmpty else { return true }
        return self.seals.contains { $0.isValid(seal ?? "", for: meta, of: connectionID ?? "") }
    }

    /// Takes meta out of the fields of a signed request that is not what the application has set, and says how the
    /// session signs what it stores.
    ///
    /// - Returns: `nil` without a secret.
    func sealing(_ fields: inout HTTPFields, of connectionID: String) -> WebSocketSession.Sealing? {
        guard let first = self.seals.first else { return nil }
        var meta = GRIPRequest(fields: fields).meta
        let stored = meta.removeValue(forKey: MetaSeal.metaName)
        let isValid = self.isValid(stored, meta, connectionID)
        fields.removeAll { $0.metaName == MetaSeal.metaName || (!isValid && $0.metaName != nil) }
        return WebSocketSession.Sealing(
            name: MetaSeal.metaName,
            stored: stored,
            forgotten: isValid ? [] : Array(meta.keys)
        ) { first.code(for: $0, of: connectionID) }
    }
}
