extension HoldKind {
    /// The name of the format that the kind takes.
    package var formatName: StaticString {
        switch self {
        case .response: "http-response"
        case .stream: "http-stream"
        case .webSocket: "ws-message"
        }
    }
}
