import GRIP

/// The form in which the control API says that something was done.
package enum ControlFormat: Sendable, Hashable {
    case text
    case json

    /// Chooses as Pushpin does: the last entry of `Accept` that is known counts, whatever its weight.
    ///
    /// Without the header it is text; with no known entry there is no form.
    init?(_ head: ControlHead) {
        guard !head.accept.isEmpty else {
            self = .text
            return
        }
        var format: ControlFormat?
        for element in FieldParameters.elements(of: head.accept) {
            switch String(element).mediaTypeWithoutParameters.lowercased() {
            case "text/plain", "text/*", "*/*", "*": format = .text
            case "application/json", "application/*": format = .json
            default: break
            }
        }
        guard let format else { return nil }
        self = format
    }

    /// Whether a client that wants the details of what was done can take them, which are JSON.
    static func allowsJSON(_ head: ControlHead) -> Bool {
        guard !head.accept.isEmpty else { return true }
        return FieldParameters.elements(of: head.accept).contains { element in
            switch String(element).mediaTypeWithoutParameters.lowercased() {
            case "application/json", "application/*", "*/*", "*": true
            default: false
            }
        }
    }
}
