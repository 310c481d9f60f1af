import Testing

/// A kind of proxy that applications run behind: tests that take it as an argument expect the same from each.
enum ProxyUnderTest: String, Sendable, CustomTestStringConvertible {
    case pushpin
    /// `grip proxy`, as built with the tests.
    case grip

    /// The kinds that tests run with.
    private static let kinds: [Self] = [.pushpin, .grip]

    /// The kinds that can run on this machine, as the arguments of a test.
    static var all: [Self] { self.kinds.filter(\.isUsable) }

    var testDescription: String { self.rawValue }

    private var isUsable: Bool {
        switch self {
        case .pushpin: Peers.pushpin.isUsable
        case .grip: true
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Tests whose argument is a ``ProxyUnderTest`` need at least one.
    static var needsProxy: Self {
        .enabled(if: !ProxyUnderTest.all.isEmpty, "there is no proxy: \(Peers.pushpin.advice)")
    }
}

/// Runs a proxy that signs with `changeme` in front of one origin that understands WebSocket-over-HTTP.
///
/// - Parameter settings: by `section.key`, such as `handler.message_wait`; Pushpin's names whatever the kind.
func withProxy<Result: Sendable>(
    _ kind: ProxyUnderTest,
    originPort: Int,
    settings: [String: String] = [:],
    _ body: (RunningProxy) async throws -> Result
) async throws -> Result {
    switch kind {
    case .pushpin: try await withPushpin(originPort: originPort, settings: settings, body)
    case .grip: try await withGripProxy(originPort: originPort, settings: settings, body)
    }
}
