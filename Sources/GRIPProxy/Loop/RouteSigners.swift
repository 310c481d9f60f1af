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
        /// The keys in files, by path.
        var files: [String: KnownKey] = [:]
        /// The paths that the routes of now name.
        var current: Set<String> = []
    }

    /// A key that was read, and the routes that may ask for it.
    private struct KnownKey {
        let key: GRIPKey
        var users: [KeyUser]

        var isUsed: Bool { self.users.contains { $0.file != nil } }
    }

    private struct KeyUser {
        weak var file: Route.KeyFile?
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
    ///   - files: The keys in files that routes name.
    ///   - logger: Where failures go.
    init(issuer: String, key: GRIPKey?, files: [Route.KeyFile: GRIPKey] = [:], logger: Logger) throws(GRIPError) {
        self.issuer = issuer
        self.key = key
        self.log = ProxyLog(logger)
        self.use(files)
        guard let key else { return }
        let cache = GRIPTokenCache(try GRIPTokenIssuer(key: key, issuer: issuer))
        self.state.withLock { $0.caches[Identity(issuer: issuer, key: key)] = cache }
    }

    /// The paths of the key files that routes name now and that have been read.
    var knownFiles: Set<String> { self.state.withLock { state in state.current.filter { state.files[$0] != nil } } }

    /// Takes the keys of new routes.
    ///
    /// Those of former routes stay for as long as a held connection has such a route, see ``forgetUnused()``.
    ///
    /// - Parameters:
    ///   - files: The keys that were read.
    ///   - named: All files that the routes name, also those that could not be read again.
    func use(_ files: [Route.KeyFile: GRIPKey], named: [Route.KeyFile] = []) {
        self.state.withLock { state in
            for (file, key) in files {
                state.files[file.path] = KnownKey(key: key, users: state.files[file.path]?.users ?? [])
            }
            for file in files.keys { state.files[file.path]?.users.append(KeyUser(file: file)) }
            for file in named { state.files[file.path]?.users.append(KeyUser(file: file)) }
            for path in state.files.keys { state.files[path]?.users.removeAll { $0.file == nil } }
            state.current = Set((Array(files.keys) + named).map(\.path))
            // Tokens of keys that are no longer in use must not stay; the others are made again in no time.
            state.caches.removeAll()
        }
    }

    /// Forgets the keys of files that no route names any more, once no held connection has such a route.
    func forgetUnused() {
        self.state.withLock { state in
            guard state.files.count > state.current.count else { return }
            let unused = state.files.filter { path, known in !state.current.contains(path) && !known.isUsed }
            guard !unused.isEmpty else { return }
            for path in unused.keys { state.files[path] = nil }
            state.caches.removeAll()
        }
    }

    /// The token for a request.
    ///
    /// - Parameter route: The route that the request takes.
    /// - Returns: `nil` without a key, or with one that cannot be used.
    func token(for route: Route) -> GRIPSecret? {
        do {
            let cache = try self.state.withLock { state -> GRIPTokenCache? in
                guard let key = try self.key(of: route, files: state.files) else { return nil }
                let identity = Identity(issuer: route.issuer ?? self.issuer, key: key)
                if let cache = state.caches[identity] { return cache }
                let cache = GRIPTokenCache(try GRIPTokenIssuer(key: key, issuer: identity.issuer))
                state.caches[identity] = cache
                return cache
            }
            return try (cache?.token()).map { GRIPSecret($0.text) }
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

    private func key(of route: Route, files: [String: KnownKey]) throws(GRIPError) -> GRIPKey? {
        switch route.key {
        case nil: return self.key
        case .key(let key): return key
        case .file(let file):
            guard let known = files[file.path] else {
                throw GRIPError(.key, "the key file '\(file.path)' has not been read")
            }
            return known.key
        }
    }
}
