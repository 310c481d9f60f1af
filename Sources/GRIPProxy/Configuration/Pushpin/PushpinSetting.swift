/// A key of `pushpin.conf` and what becomes of it here.
struct PushpinSetting: Sendable {
    /// What becomes of a value.
    enum Effect: Sendable {
        /// It is the value of a key of ours, after a change.
        case mapped(String, @Sendable (String) -> String)
        /// It is put together with others, see ``PushpinTranslation``.
        case combined
        /// It has no effect; a person who changed it from what Pushpin ships with should know.
        case unsupported(shipped: [String], advice: String)
        /// It says how Pushpin's own processes work together, which nobody needs to know here.
        case internalWiring
    }

    let key: PushpinConfigurationFile.Key
    let effect: Effect

    private init(_ section: String, _ name: String, _ effect: Effect) {
        self.key = .init(section, name)
        self.effect = effect
    }

    /// All keys that are known.
    static let all: [PushpinConfigurationFile.Key: PushpinSetting] = Dictionary(
        (runner + proxy + handler + global).map { ($0.key, $0) },
        uniquingKeysWith: { first, _ in first }
    )

    private static func same(_ key: String) -> Effect { .mapped(key) { $0 } }

    private static func seconds(_ key: String) -> Effect {
        .mapped(key) { text in
            // What is no number, or too large, is left for the reader of our key to complain about.
            guard let seconds = Int(text) else { return text }
            let (milliseconds, hasOverflown) = seconds.multipliedReportingOverflow(by: 1000)
            return hasOverflown ? text : String(milliseconds)
        }
    }

    private static func unsupported(_ shipped: String..., advice: String) -> Effect {
        .unsupported(shipped: shipped + [""], advice: advice)
    }

    private static let global: [PushpinSetting] = [
        .init("global", "include", .combined),
        .init("global", "rundir", .combined),
        .init("global", "ipc_prefix", .combined),
        .init("global", "port_offset", .combined),
        .init("global", "stats_connection_ttl", Self.unsupported("120", advice: Self.statsAdvice)),
        .init("global", "stats_connection_send", Self.unsupported("true", advice: Self.statsAdvice)),
    ]

    private static let runner: [PushpinSetting] = [
        .init("runner", "http_port", .combined),
        .init("runner", "local_ports", .combined),
        .init("runner", "rundir", .combined),
        .init(
            "runner",
            "https_ports",
            Self.unsupported(advice: "clients cannot connect over TLS; put a server that ends TLS in front")
        ),
        .init("runner", "client_buffer_size", Self.same("limits.requestHead")),
        .init("runner", "client_maxconn", Self.same("limits.connections")),
        .init("runner", "allow_compression", Self.unsupported("false", advice: "WebSockets are not compressed")),
        .init("runner", "log_level", .mapped("logLevel", Self.logLevel)),
        .init(
            "runner",
            "logdir",
            Self.unsupported("log", "/var/log/pushpin", advice: "the log goes to standard error")
        ),
        .init("runner", "local_port_mode", Self.same("socket.mode")),
        .init("runner", "local_port_user", Self.same("socket.user")),
        .init("runner", "local_port_group", Self.same("socket.group")),
        .init("runner", "services", .internalWiring),
        .init("runner", "condure_bin", .internalWiring),
        .init("runner", "mongrel2_bin", .internalWiring),
        .init("runner", "m2sh_bin", .internalWiring),
        .init("runner", "zurl_bin", .internalWiring),
        .init("runner", "connmgr_bin", .internalWiring),
    ]

    private static let proxy: [PushpinSetting] = [
        .init("proxy", "routesfile", Self.same("routesFile")),
        .init("proxy", "debug", Self.same("debug")),
        .init("proxy", "auto_cross_origin", Self.same("autoCrossOrigin")),
        .init("proxy", "accept_x_forwarded_protocol", Self.same("forwarding.acceptProtocol")),
        .init("proxy", "set_x_forwarded_protocol", .mapped("forwarding.protocolHeaders", Self.protocolHeaders)),
        .init("proxy", "x_forwarded_for", Self.same("forwarding.forwardedFor")),
        .init("proxy", "x_forwarded_for_trusted", Self.same("forwarding.forwardedForTrusted")),
        .init("proxy", "accept_pushpin_route", Self.same("forwarding.acceptRouteHeader")),
        .init("proxy", "cdn_loop", Self.same("forwarding.cdnLoop")),
        .init("proxy", "sig_iss", Self.same("sigIss")),
        .init("proxy", "sig_key", Self.same("sigKey")),
        .init("proxy", "upstream_key", Self.same("upstreamKey")),
        .init(
            "proxy",
            "orig_headers_need_mark",
            Self.unsupported(advice: "copies of original headers are not made")
        ),
        .init("proxy", "log_from", Self.unsupported("false", advice: Self.logAdvice)),
        .init("proxy", "log_user_agent", Self.unsupported("false", advice: Self.logAdvice)),
        .init("proxy", "workers", Self.unsupported("1", advice: "set threads, which is one a processor")),
        .init(
            "proxy",
            "max_open_requests",
            Self.unsupported("-1", advice: "limit connections with runner.client_maxconn")
        ),
        .init("proxy", "prometheus_port", Self.unsupported(advice: Self.prometheusAdvice)),
        .init("proxy", "prometheus_prefix", Self.unsupported(advice: Self.prometheusAdvice)),
        .init("proxy", "sockjs_url", .internalWiring),
        .init("proxy", "updates_check", .internalWiring),
        .init("proxy", "organization_name", .internalWiring),
    ]

    private static let handler: [PushpinSetting] = [
        .init("handler", "push_in_http_addr", .combined),
        .init("handler", "push_in_http_port", .combined),
        .init("handler", "push_in_http_max_headers_size", Self.same("limits.controlHead")),
        .init("handler", "push_in_http_max_body_size", Self.same("limits.controlBody")),
        .init("handler", "message_wait", Self.same("delivery.sequenceWaitMs")),
        .init("handler", "id_cache_ttl", Self.seconds("delivery.idLifetimeMs")),
        .init("handler", "update_on_first_subscription", Self.same("delivery.updateOnFirstSubscription")),
        .init("handler", "connection_subscription_max", Self.same("limits.subscriptionsPerConnection")),
        .init("handler", "subscription_linger", Self.seconds("delivery.subscriptionLingerMs")),
        .init("handler", "push_in_spec", Self.unsupported("tcp://127.0.0.1:5560", advice: Self.zeroMQAdvice)),
        .init("handler", "push_in_sub_specs", Self.unsupported("tcp://127.0.0.1:5562", advice: Self.zeroMQAdvice)),
        .init("handler", "push_in_sub_connect", Self.unsupported("false", advice: Self.zeroMQAdvice)),
        .init("handler", "command_spec", Self.unsupported("tcp://127.0.0.1:5563", advice: Self.zeroMQAdvice)),
        .init(
            "handler",
            "stats_spec",
            Self.unsupported("ipc://{rundir}/{ipc_prefix}stats", advice: Self.statsAdvice)
        ),
        .init("handler", "ipc_file_mode", Self.unsupported("777", advice: Self.zeroMQAdvice)),
        .init("handler", "message_rate", Self.unsupported("2500", advice: Self.rateAdvice)),
        .init("handler", "message_hwm", Self.unsupported("25000", advice: Self.rateAdvice)),
        .init("handler", "message_block_size", Self.unsupported(advice: Self.rateAdvice)),
        .init("handler", "share_all", Self.unsupported("false", advice: "requests are not shared")),
        .init("handler", "stats_subscription_ttl", Self.unsupported("60", advice: Self.statsAdvice)),
        .init("handler", "stats_report_interval", Self.unsupported("10", advice: Self.statsAdvice)),
        .init("handler", "stats_format", Self.unsupported("tnetstring", advice: Self.statsAdvice)),
        .init("handler", "prometheus_port", Self.unsupported(advice: Self.prometheusAdvice)),
        .init("handler", "prometheus_prefix", Self.unsupported(advice: Self.prometheusAdvice)),
    ]

    private static let statsAdvice = "there are no statistics over ZeroMQ"
    private static let zeroMQAdvice = "nothing listens for ZeroMQ; publish over HTTP"
    private static let prometheusAdvice = "there is no port for Prometheus"
    private static let rateAdvice = "deliveries are not limited in their rate"
    private static let logAdvice = "the log has no such detail"

    private static func logLevel(_ text: String) -> String {
        guard let level = Int(text) else { return text }
        return switch level {
        case ...0: "error"
        case 1: "warning"
        case 2: "info"
        default: "debug"
        }
    }

    private static func protocolHeaders(_ text: String) -> String {
        switch text.lowercased() {
        case "proto-only": "proto"
        case "true", "yes", "1", "on": "both"
        case "false", "no", "0": "off"
        default: text
        }
    }
}
