import GRIP

/// The form in which the control API tells who is on a channel.
enum ControlPresenceFormat: Sendable, Hashable {
    /// Who is there now.
    case json
    /// Who is there, and then what changes, as server-sent events.
    case events

    /// Chooses events where `Accept` names them, and otherwise JSON if that is accepted.
    init?(_ head: ControlHead) {
        let wantsEvents = FieldParameters.elements(of: head.accept).contains { element in
            String(element).mediaTypeWithoutParameters.equalsIgnoringASCIICase("text/event-stream")
        }
        guard wantsEvents || ControlFormat.allowsJSON(head) else { return nil }
        self = wantsEvents ? .events : .json
    }
}
