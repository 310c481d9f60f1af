import GRIP
import HTTPTypes

extension HTTPFields {
    /// Whether a request carries WebSocket events, which only a proxy may send.
    var carryWebSocketEvents: Bool {
        self.contains { $0.name.isContentType && $0.isOfWebSocketEvents }
    }
}

extension HTTPField {
    /// Whether the value of a `Content-Type` has the type of WebSocket events anywhere.
    ///
    /// Servers differ in what they make of capitals, parameters, lists and blanks, so that all of it counts.
    var isOfWebSocketEvents: Bool {
        self.value.utf8.split(whereSeparator: \.endsMediaType).contains { part in
            Substring(part).equalsIgnoringASCIICase(WebSocketSession.contentType)
        }
    }
}

extension HTTPField.Name {
    fileprivate var isContentType: Bool { self == .contentType || self.foldedName == "content-type" }
}

extension UInt8 {
    fileprivate var endsMediaType: Bool {
        switch self {
        case .comma, .semicolon, .space, .tab, .quote, UInt8(ascii: "'"): true
        default: false
        }
    }
}
