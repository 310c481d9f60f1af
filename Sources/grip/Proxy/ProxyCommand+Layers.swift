import GRIP
import GRIPProxy

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ProxyCommand {
    /// The places that values come from, the weakest first.
    var layers: [ConfigurationLayer] {
        var layers: [ConfigurationLayer] = []
        if let file = self.sources.pushpinConfig { layers.append(.pushpin(file: file)) }
        if let file = self.sources.config { layers.append(.json(file: file)) }
        layers.append(.environment(ProcessInfo.processInfo.environment))
        layers.append(.commandLine(options: self.options, assignments: self.sources.set.map(\.text)))
        return layers
    }

    /// The values of options by the key that they stand for.
    private var options: [String: [String]] {
        func values(_ text: String?) -> [String] { text.map { [$0] } ?? [] }
        func values(_ secret: GRIPSecret?) -> [String] { values(secret?.text) }
        return [
            "listeners": self.listening.httpPort,
            "controlListeners": self.listening.controlPort,
            "controlToken": values(self.listening.controlToken),
            "controlHosts": self.listening.controlHost,
            "routes": self.routing.route.map(\.text),
            "routesFile": values(self.routing.routes),
            "sigKey": values(self.signing.sigKey),
            "sigIss": values(self.signing.sigIss),
            "upstreamKey": values(self.signing.upstreamKey),
            "bus": self.bus.bus.map(\.text),
            "busPrefix": values(self.bus.busPrefix),
            "busCredentials": values(self.bus.busCredentials),
            "debug": self.information.debug ? ["true"] : [],
            "threads": values(self.listening.threads),
            "accessLog.format": values(self.information.accessLog),
            "logLevel": values(self.information.logLevel),
        ]
    }
}
