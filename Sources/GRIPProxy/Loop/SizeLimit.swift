/// A limit of the size of something that is not passed on when it is larger.
enum SizeLimit: String, Sendable, CaseIterable {
    case instructedBody
    case linkedPage
    case webSocketMessage
    case webSocketResponse
}
