import GRIP
import GRIPEngine
import GRIPSignature
import HTTPTypes
import Logging
import Tracing

/// What all event loops know about the configuration.
struct ProxySettingsSnapshot: Sendable {
    let limits: GRIPProxyServerConfiguration.Limits
    let timeouts: GRIPProxyServerConfiguration.Timeouts
    let rules: ExchangeRules
    /// Makes the tokens for requests that routes send.
    let signers: RouteSigners
    /// Whether a request comes from a GRIP proxy that is trusted.
    let isTrusted: @Sendable (HTTPFields) -> Bool
    let tls: OriginTLS
    /// Which origins cannot be reached, for all event loops.
    let outages = OriginOutages()
    /// On how many event loops there may be connections.
    let loopCount: Int
    /// The application, when it is in the same process and the only origin.
    let inProcess: InProcessApplication?
    /// Where requests are traced, if they are.
    let tracer: (any Tracer)?

    init(
        _ configuration: GRIPProxyServerConfiguration,
        signers: RouteSigners,
        inProcess: InProcessApplication? = nil,
        loopCount: Int = 1,
        tracer: any Tracer = InstrumentationSystem.tracer
    ) throws(GRIPError) {
        self.limits = configuration.limits
        self.timeouts = configuration.timeouts
        self.rules = ExchangeRules(configuration)
        self.signers = signers
        self.tls = OriginTLS()
        self.loopCount = loopCount
        self.inProcess = inProcess
        self.tracer = tracer is NoOpTracer ? nil : tracer
        guard let key = configuration.upstreamKey else {
            self.isTrusted = { _ in false }
            return
        }
        let verifier = GRIPSignatureVerifier(keys: [try GRIPTrustedKey(key)])
        self.isTrusted = { fields in
            guard let token = fields[values: .gripSig].first else { return false }
            do throws(GRIPSignatureError) {
                try verifier.verify(token)
                return true
            } catch {
                // An untrusted client is an ordinary one.
                return false
            }
        }
    }
}

extension ExchangeRules {
    init(_ configuration: GRIPProxyServerConfiguration) {
        self.init()
        self.isDebugging = configuration.isDebugging
        self.allowsCrossOrigin = configuration.allowsCrossOrigin
        self.rememberedBody = configuration.limits.rememberedBody
        self.instructedBody = configuration.limits.instructedBody
        self.subscriptions = configuration.limits.subscriptionsPerConnection
        self.policy.features.append(.channels(configuration.limits.subscriptionsPerConnection))
        let forwarding = configuration.forwarding
        self.policy.forwardedProtocol =
            switch forwarding.protocolHeaders {
            case .off: .off
            case .proto: .proto
            case .both: .both
            }
        self.policy.acceptsForwardedProtocol = forwarding.acceptsForwardedProtocol
        self.policy.forwardedFor = ForwardedFor(forwarding.forwardedFor) ?? ForwardedFor()
        self.policy.forwardedForTrusted = ForwardedFor(forwarding.forwardedForTrusted) ?? ForwardedFor()
        self.policy.cdnLoopToken = forwarding.cdnLoopToken
        self.policy.acceptsRouteHeader = forwarding.acceptsRouteHeader
    }
}
