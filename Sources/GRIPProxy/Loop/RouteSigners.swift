import GRIP
import GRIPEngine
import GRIPSignature
import Logging
import Synchronization

/// Signs the requests of each route: with the key of the configuration, or with the route's own key and issuer.
///
/// Keys in files are given to it, see ``RoutesReading``; it reads none.
final class RouteSigners: Sendable {
    private struct Identity: Hashable, Sendable {
        let issuer: String
        let key: GRIPKey
    }

    private struct State {
        var caches: [Identity: GRIPTokenCache] = [:]
        /// The keys in files, also of routes that only held connections still have.
        var files: [String: GRIPKey] = [:]
    }

    private let issuer: String
    private let key: GRIPKey?
    private let log: ProxyLog
    private let state = Mutex(State())

    /// Makes the signers.
    ///
    /// - Parameters:
    ///   - issuer: Who signs, unless a route says otherwise.
    ///   - key: What signs, unless a route says otherwise.
    ///   - files: The keys in files that routes name, by path.
    ///   - logger: Where failures go.
    init(issuer: String, key: GRIPKey?, files: [String: GRIPKey] = [:], logger: Logger) throws(GRIPError) {
        self.issuer = issuer
        self.key = key
        self.log = ProxyLog(logger)
        self.use(files)
        guard let key else { return }
        let cache = GRIPTokenCache(try GRIPTokenIssuer(key: key, issuer: issuer))
        self.state.withLock { $0.caches[Identity(issuer: issuer, key: key)] = cache }
    }

    /// The paths of the key files that have been read.
    var knownFiles: Set<String> { self.state.withLock { Set($0.files.keys) } }

    /// Takes the keys that were read with new routes; those of other files stay.
    func use(_ files: [String: GRIPKey]) {
        self.state.withLock { state in
            state.files.merge(files) { _, new in new }
            // Tokens of keys that are no longer in use must not stay; the others are made again in no time.
            state.caches.removeAll()
        }
    }

    /// The token for a request.
    ///
    /// - Parameter route: The route that the request takes.
    /// - Returns: `nil` without a key, or with one that cannot be used.
    func token(for route: Route) -> String? {
        do {
            let cache = try self.state.withLock { state -> GRIPTokenCache? in
                guard let key = try self.key(of: route, files: state.files) else { return nil }
                let identity = Identity(issuer: route.issuer ?? self.issuer, key: key)
                if let cache = state.caches[identity] { return cache }
                let cache = GRIPTokenCache(try GRIPTokenIssuer(key: key, issuer: identity.issuer))
                state.caches[identity] = cache
                return cache
            }
            return try cache?.token().text
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

    private func key(of route: Route, files: [String: GRIPKey]) throws(GRIPError) -> GRIPKey? {
        switch route.key {
        case nil: return self.key
        case .key(let key): return key
        case .file(let path):
            guard let key = files[path] else { throw GRIPError(.key, "the key file '\(path)' has not been read") }
            return key
        }
    }
}
