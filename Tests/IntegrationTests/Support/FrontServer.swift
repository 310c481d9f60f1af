import Foundation
import NIOCore
import TestSupport
import Testing

/// A server that people have before the one that holds their clients.
enum FrontServer: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case nginx
    case haproxy
    case caddy

    var testDescription: String { self.rawValue }

    /// Those that can run on this machine, as the arguments of a test.
    static var all: [Self] { Self.allCases.filter(\.peer.isUsable) }

    var peer: Peer {
        let name =
            switch self {
            case .nginx: "nginx"
            case .haproxy: "HAProxy"
            case .caddy: "Caddy"
            }
        return Peer(
            name: name,
            programs: [self.rawValue],
            advice: "apt-get install \(self.rawValue), or brew install \(self.rawValue)"
        )
    }

    /// The language of its configuration in the guide.
    private var language: String { self == .caddy ? "caddyfile" : self.rawValue }

    /// Its configuration as the guide *Behind another proxy* has it, for other ports.
    ///
    /// - Parameter certificate: A file with a key and its certificate, for a server that does TLS.
    fileprivate func configuration(port: Int, originPort: Int, certificate: String?) throws -> String {
        let guide = try String(contentsOf: Self.guide, encoding: .utf8)
        guard
            let block = guide.components(separatedBy: "```\(self.language)\n").dropFirst().first?
                .components(separatedBy: "```").first
        else { throw TimedOut("the guide has no configuration of \(self)") }
        let address = "127.0.0.1:8080"
        let listener =
            switch (self, certificate) {
            case (.nginx, nil): ("listen 80;", "listen 127.0.0.1:\(port);")
            case (.nginx, let file?):
                (
                    "listen 80;",
                    "listen 127.0.0.1:\(port) ssl; ssl_certificate \(file); ssl_certificate_key \(file);"
                )
            case (.haproxy, nil): ("bind :80\n", "bind 127.0.0.1:\(port)\n")
            case (.haproxy, let file?): ("bind :80\n", "bind 127.0.0.1:\(port) ssl crt \(file)\n")
            case (.caddy, nil): (":80 {", "http://127.0.0.1:\(port) {\n    bind 127.0.0.1")
            case (.caddy, let file?):
                (":80 {", "https://localhost:\(port) {\n    bind 127.0.0.1\n    tls \(file) \(file)")
            }
        for text in [address, listener.0] where !block.contains(text) {
            throw TimedOut("the configuration of \(self) in the guide has no '\(text)'")
        }
        return block.replacing(address, with: "127.0.0.1:\(originPort)").replacing(listener.0, with: listener.1)
    }

    private static var guide: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appending(path: "Sources/HummingbirdGRIP/Documentation.docc/BehindAnotherProxy.md")
    }

    /// The whole file, with what keeps the server within a folder.
    fileprivate func file(_ configuration: String, folder: String) -> String {
        switch self {
        case .nginx:
            """
            daemon off;
            \(getuid() == 0 ? "user root;" : "")
            pid \(folder)/pid;
            error_log stderr warn;
            events {}
            http {
                access_log off;
                client_body_temp_path \(folder)/body;
                proxy_temp_path \(folder)/proxy;
                fastcgi_temp_path \(folder)/fastcgi;
                uwsgi_temp_path \(folder)/uwsgi;
                scgi_temp_path \(folder)/scgi;
            \(configuration)
            }

            """
        case .haproxy: configuration
        case .caddy:
            """
            {
                admin off
                auto_https off
            }
            \(configuration)
            """
        }
    }

    fileprivate func arguments(file: String, folder: String) -> [String] {
        switch self {
        case .nginx: ["-e", "stderr", "-p", folder, "-c", file]
        case .haproxy: ["-db", "-f", file]
        case .caddy: ["run", "--adapter", "caddyfile", "--config", file]
        }
    }
}

/// Runs a server, configured as the guide says, before something that listens on a loopback port.
///
/// - Parameter usesTLS: Whether it does TLS, with a certificate for `localhost` that nobody trusts.
func withFrontServer<Result: Sendable>(
    _ server: FrontServer,
    originPort: Int,
    usesTLS: Bool = false,
    _ body: (_ port: Int) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let port = try await FreePort.next()
        let file = folder.appending(path: "configuration")
        let certificate = folder.appending(path: "certificate.pem")
        try TestCertificate.both.write(to: certificate, atomically: false, encoding: .utf8)
        let configuration = try server.configuration(
            port: port,
            originPort: originPort,
            certificate: usesTLS ? certificate.path : nil
        )
        try server.file(configuration, folder: folder.path).write(to: file, atomically: false, encoding: .utf8)
        return try await withChildProcess(
            server.peer.path(),
            server.arguments(file: file.path, folder: folder.path),
            environment: [
                "HOME": folder.path, "XDG_DATA_HOME": folder.path, "XDG_CONFIG_HOME": folder.path,
            ]
        ) { process in
            try await process.waitUntilListening(port: port)
            return try await body(port)
        }
    }
}
