import GRIP
import GRIPEngine
import GRIPPublisher
import GRIPSignature
import Logging

extension ProxySetting {
    /// Everything that can be configured, in the order of the reference.
    package static let all: [ProxySetting] =
        listening + routing + signing + forwarding + delivery + bus + limits + timeouts
        + presence + accessLog

    private static let listening: [ProxySetting] = [
        .listeners("listeners", \.configuration.listeners, defaultHost: "*").option("--http-port"),
        .listeners("controlListeners", \.configuration.controlListeners, defaultHost: "localhost")
            .option("--control-port"),
        .controlToken.option("--control-token"),
        .hostNames("controlHosts", \.configuration.controlHosts).option("--control-host"),
        .mode("socket.mode", \.configuration.socketPermissions.mode),
        .optionalText("socket.user", \.configuration.socketPermissions.user, check: Self.checkUser),
        .optionalText("socket.group", \.configuration.socketPermissions.group, check: Self.checkGroup),
        .mode("controlSocket.mode", \.configuration.controlSocketPermissions.mode),
        .optionalText("controlSocket.user", \.configuration.controlSocketPermissions.user, check: Self.checkUser),
        .optionalText("controlSocket.group", \.configuration.controlSocketPermissions.group, check: Self.checkGroup),
        .integer("threads", \.threads, atLeast: 0, atMost: 1024).option("--threads"),
        .choice("logLevel", \.logLevel, Logger.Level.allCases).option("--log-level"),
    ]

    private static let routing: [ProxySetting] = [
        // The routes come after the file, because they win where both are given.
        .routesFile.option("--routes"),
        .routes.option("--route"),
        .boolean("debug", \.configuration.isDebugging).option("--debug"),
        .boolean("autoCrossOrigin", \.configuration.allowsCrossOrigin),
    ]

    private static let signing: [ProxySetting] = [
        .text("sigIss", \.configuration.issuer) { issuer throws(InvalidValue) in
            if issuer.isEmpty { throw InvalidValue("is empty; origins compare it with the issuer they expect") }
        }.option("--sig-iss"),
        .key("sigKey", \.configuration.key) { key throws(GRIPError) in
            _ = try GRIPTokenIssuer(key: key, issuer: "")
        }.option("--sig-key"),
        .key("upstreamKey", \.configuration.upstreamKey) { key throws(GRIPError) in
            _ = try GRIPTrustedKey(key)
        }.option("--upstream-key"),
    ]

    private static let forwarding: [ProxySetting] = [
        .choice("forwarding.protocolHeaders", \.configuration.forwarding.protocolHeaders, [.off, .proto, .both]),
        .boolean("forwarding.acceptProtocol", \.configuration.forwarding.acceptsForwardedProtocol),
        .text("forwarding.forwardedFor", \.configuration.forwarding.forwardedFor, check: Self.checkForwardedFor),
        .text(
            "forwarding.forwardedForTrusted",
            \.configuration.forwarding.forwardedForTrusted,
            check: Self.checkForwardedFor
        ),
        .optionalText("forwarding.cdnLoop", \.configuration.forwarding.cdnLoopToken) { token throws(InvalidValue) in
            guard !token.isEmpty, token.utf8.allSatisfy({ $0 > .space && $0 < 0x7F && $0 != .comma }) else {
                throw InvalidValue("is not a name for 'CDN-Loop': visible ASCII characters without blanks and commas")
            }
        },
        .boolean("forwarding.acceptRouteHeader", \.configuration.forwarding.acceptsRouteHeader),
    ]

    private static let delivery: [ProxySetting] = [
        .milliseconds("delivery.sequenceWaitMs", \.configuration.delivery.sequenceWait, atLeast: 0),
        .milliseconds("delivery.idLifetimeMs", \.configuration.delivery.idLifetime, atLeast: 0),
        .milliseconds("delivery.subscriptionLingerMs", \.configuration.delivery.subscriptionLinger, atLeast: 0),
        .milliseconds("delivery.recoverySpreadMs", \.configuration.delivery.recoverySpread, atLeast: 0),
        .boolean("delivery.updateOnFirstSubscription", \.configuration.delivery.updatesOnFirstSubscription),
    ]

    private static let limits: [ProxySetting] = [
        .integer("limits.connections", \.configuration.limits.connections, atLeast: 1),
        .integer(
            "limits.subscriptionsPerConnection",
            \.configuration.limits.subscriptionsPerConnection,
            atLeast: 1
        ),
        .bytes("limits.requestHead", \.configuration.limits.requestHead),
        .integer("limits.requestFields", \.configuration.limits.requestFields, atLeast: 1),
        .integer("limits.requestBodyRate", \.configuration.limits.requestBodyRate, atLeast: 0),
        .bytes("limits.rememberedBody", \.configuration.limits.rememberedBody, atLeast: 0),
        .bytes("limits.instructedBody", \.configuration.limits.instructedBody, atLeast: 0),
        .bytes("limits.linkedPage", \.configuration.limits.linkedPage, atLeast: 0),
        .integer("limits.linkedPages", \.configuration.limits.linkedPages, atLeast: 1),
        .integer("limits.linkFailures", \.configuration.limits.linkFailures, atLeast: 1, atMost: 1000),
        .integer("limits.originConnections", \.configuration.limits.originConnections, atLeast: 1),
        .integer("limits.originQueue", \.configuration.limits.originQueue, atLeast: 1),
        .bytes("limits.webSocketMessage", \.configuration.limits.webSocketMessage),
        .bytes("limits.webSocketResponse", \.configuration.limits.webSocketResponse),
        .bytes("limits.queuedBytes", \.configuration.limits.queuedBytes),
        .integer("limits.queuedItems", \.configuration.limits.queuedItems, atLeast: 1),
        .choice("limits.overflow", \.configuration.limits.overflow, [.close, .drop]),
        .bytes("limits.controlHead", \.configuration.limits.controlHead),
        .bytes("limits.controlBody", \.configuration.limits.controlBody),
        .integer("limits.controlConnections", \.configuration.limits.controlConnections, atLeast: 1),
        .bytes("limits.publishedBytes", \.configuration.limits.publishedBytes),
        .integer(
            "limits.publisherDescriptors",
            \.configuration.limits.publisherDescriptors,
            atLeast: 4,
            atMost: 1000
        ),
        .integer("limits.originDescriptors", \.configuration.limits.originDescriptors, atLeast: 4, atMost: 1000),
        .integer("limits.logLines", \.configuration.limits.logLines, atLeast: 1),
        .milliseconds("limits.logIntervalMs", \.configuration.limits.logInterval),
        .bytes("limits.logText", \.configuration.limits.logText, atLeast: 16),
        .bytes("limits.logQueue", \.configuration.limits.logQueue),
    ]

    private static let timeouts: [ProxySetting] = [
        .milliseconds("timeouts.requestHeadMs", \.configuration.timeouts.requestHead),
        .milliseconds("timeouts.requestBodyMs", \.configuration.timeouts.requestBody),
        .milliseconds("timeouts.keepAliveMs", \.configuration.timeouts.keepAlive),
        .milliseconds("timeouts.originConnectMs", \.configuration.timeouts.originConnect),
        .milliseconds("timeouts.originResponseMs", \.configuration.timeouts.originResponse),
        .milliseconds("timeouts.originBodyMs", \.configuration.timeouts.originBody),
        .milliseconds("timeouts.originQueueMs", \.configuration.timeouts.originQueue),
        .milliseconds("timeouts.originIdleMs", \.configuration.timeouts.originIdle),
        .milliseconds("timeouts.originReuseMs", \.configuration.timeouts.originReuse, atLeast: 0),
        .milliseconds("timeouts.clientWriteMs", \.configuration.timeouts.clientWrite),
        .milliseconds("timeouts.webSocketCloseMs", \.configuration.timeouts.webSocketClose),
        .milliseconds("timeouts.webSocketPingMs", \.configuration.timeouts.webSocketPing, atLeast: 0),
        .milliseconds("timeouts.webSocketPongMs", \.configuration.timeouts.webSocketPong),
        .milliseconds("timeouts.deadClientMs", \.configuration.timeouts.deadClient, atLeast: 0),
        .milliseconds("timeouts.connectionAgeMs", \.configuration.timeouts.connectionAge, atLeast: 0),
        .milliseconds("timeouts.drainMs", \.configuration.timeouts.drain, atLeast: 0),
        .milliseconds("timeouts.shutdownMs", \.configuration.timeouts.shutdown, atLeast: 0),
    ]

    private static func checkUser(_ name: String) throws(InvalidValue) {
        guard SystemAccount.userNumber(name) != nil else {
            throw InvalidValue("is '\(name)', which is no user of this machine")
        }
    }

    private static func checkGroup(_ name: String) throws(InvalidValue) {
        guard SystemAccount.groupNumber(name) != nil else {
            throw InvalidValue("is '\(name)', which is no group of this machine")
        }
    }

    private static let presence: [ProxySetting] = [
        .milliseconds("presence.lingerMs", \.configuration.presence.linger, atLeast: 0),
        .milliseconds("presence.graceMs", \.configuration.presence.grace, atLeast: 0),
        .integer("presence.members", \.configuration.presence.members, atLeast: 1),
        .integer("presence.watchers", \.configuration.presence.watchers, atLeast: 1),
        .integer("presence.watchedChannels", \.configuration.presence.watchedChannels, atLeast: 1),
        .integer("presence.instances", \.configuration.presence.instances, atLeast: 1),
        .integer("presence.queuedChanges", \.configuration.presence.queuedChanges, atLeast: 1),
        .integer("presence.queuedDepartures", \.configuration.presence.queuedDepartures, atLeast: 1),
    ]

    private static let accessLog: [ProxySetting] = [
        .choice("accessLog.format", \.configuration.accessLog.format, [.off, .text, .json]).option("--access-log"),
        .choice("accessLog.query", \.configuration.accessLog.query, [.off, .names]),
    ]

    private static func checkForwardedFor(_ text: String) throws(InvalidValue) {
        guard ForwardedFor(text) != nil else {
            throw InvalidValue("is not 'truncate:' and a number, 'append', or both with a comma between them")
        }
    }
}
