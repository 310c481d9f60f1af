import GRIP

/// Who may use a control API that asks for no token.
///
/// Web pages may not, whatever site they come from.
package struct ControlAccess: Sendable, Hashable {
    /// The names under which publishers reach the API, besides addresses and `localhost`.
    private let names: [String]
    /// Whether `Host` counts.
    private let checksHost: Bool

    /// Makes the rule of one listener.
    ///
    /// - Parameters:
    ///   - names: The names under which publishers reach it; `*` stands for all.
    ///   - isSocketFile: Whether it is a Unix domain socket, which browsers cannot connect to, so that any `Host` will do.
    package init(names: [String] = [], isSocketFile: Bool = false) {
        self.names = names.map { $0.last == "." ? String($0.dropLast()) : $0 }
        self.checksHost = !isSocketFile && !names.contains("*")
    }

    /// Why a request is refused, or `nil` when it is not.
    func refusal(of sender: ControlSender) -> ControlResponse? {
        if let evidence = sender.evidence {
            return .foreign(
                "The control API is not for web pages, and this request has the header \(evidence.rawValue)"
            )
        }
        guard self.checksHost else { return nil }
        switch sender.host {
        case .none, .local: return nil
        case .name(let name):
            guard !self.names.contains(where: { $0.equalsIgnoringASCIICase(name) }) else { return nil }
            return .foreign("The control API is not known under the name in Host; add it to controlHosts")
        case .invalid: return .foreign("The control API cannot read the header Host")
        }
    }
}
