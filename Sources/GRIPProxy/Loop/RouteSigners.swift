import GRIP
import GRIPEngine
import GRIPSignature
import Logging
import Synchronization

/// Signs the requests of each route: with the key of the configuration, or with the route's own key and issuer.
final class RouteSigners: Sendable {
    private struct Identity: Hashable, Sendable {
        let issuer: String
        let key: GRIPKey
    }

    private let issuer: String
    private let key: GRIPKey?
    private let log: ProxyLog
    private let loadKey: @Sendable (String) throws -> GRIPKey
    private let caches = Mutex<[Identity: GRIPTokenCache]>([:])
    private let files = Mutex<[String: GRIPKey]>([:])

    /// Makes the signers.
    ///
    /// - Parameters:
    ///   - issuer: Who signs, unless a route says otherwise.
    ///   - key: What signs, unless a route says otherwise.
    ///   - logger: Where failures go.
    ///   - loadKey: Reads the key file that a route names.
    init(
        issuer: String,
        key: GRIPKey?,
        logger: Logger,
        loadKey: @escaping @Sendable (String) throws -> GRIPKey
    ) throws(GRIPError) {
        self.issuer = issuer
        self.key = key
        self.log = ProxyLog(logger)
        self.loadKey = loadKey
        guard let key else { return }
        let cache = GRIPTokenCache(try GRIPTokenIssuer(key: key, issuer: issuer))
        self.caches.withLock { $0[Identity(issuer: issuer, key: key)] = cache }
    }

    /// The token for a request.
    ///
    /// - Parameter route: The route that the request takes.
    /// - Returns: Nothing without a key, or with one that cannot be used.
    func token(for route: Route) -> String? {
        do {
            guard let key = try self.key(of: route) else { return nil }
            let identity = Identity(issuer: route.issuer ?? self.issuer, key: key)
            let cache = try self.caches.withLock { caches in
                if let cache = caches[identity] { return cache }
                let cache = GRIPTokenCache(try GRIPTokenIssuer(key: key, issuer: identity.issuer))
                caches[identity] = cache
                return cache
            }
            return try cache.token().text
        } catch {
            self.log.write(
                .error,
                .unsigned,
                about: "line \(route.line)",
                "requests of the route in line \(route.line) go out unsigned, and their origin may refuse them: \(error)",
                ["grip.route": "line \(route.line)"]
            )
            return nil
        }
    }

    private func key(of route: Route) throws -> GRIPKey? {
        switch route.key {
        case nil: return self.key
        case .key(let key): return key
        case .file(let path):
            if let known = self.files.withLock({ $0[path] }) { return known }
            let key = try self.loadKey(path)
            self.files.withLock { $0[path] = key }
            return key
        }
    }
}
