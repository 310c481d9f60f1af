import GRIP
import GRIPProxy

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension TargetOptions {
    static let defaultURL = "http://localhost:5561"

    /// The proxy that the environment names, if it names one.
    static var environmentURL: String? {
        ProcessInfo.processInfo.environment["GRIP_URL"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The proxy to publish to.
    func proxy() throws -> GRIPProxyConfiguration {
        let url = self.spec?.text ?? Self.environmentURL ?? Self.defaultURL
        if ["tcp://", "ipc://"].contains(where: { url.hasPrefix($0) }) {
            throw PublishInputError(
                "\(self.spec == nil ? "GRIP_URL" : "--spec") names a ZeroMQ socket, which is not supported; give the http:// "
                    + "URL of the control API"
            )
        }
        var proxy: GRIPProxyConfiguration
        do throws(GRIPError) {
            proxy = try GRIPProxyConfiguration(url: url)
        } catch {
            throw PublishInputError("\(self.spec == nil ? "GRIP_URL" : "--spec") is no GRIP URL: \(error.reason)")
        }
        if let user = self.user {
            let parts = user.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw PublishInputError("--user needs a user, a colon and a password") }
            proxy.authorization = try .basic(user: String(parts[0]), password: String(parts[1]))
        }
        return proxy
    }
}
