import GRIP
package import HTTPTypes

extension HTTPFields {
    /// Makes the fields of a WebSocket handshake into those of a request with events.
    ///
    /// Neither the meta nor the type of the body are left to the client to say.
    ///
    /// - Parameter connectionID: What the origin knows the WebSocket by.
    package mutating func prepareForWebSocketEvents(connectionID: String) {
        self.removeAll { $0.metaName != nil }
        for name: HTTPField.Name in [.upgrade, .accept, .connectionID, .contentLength, .contentType] {
            self[name] = nil
        }
        self.append(HTTPField(name: .accept, value: "application/websocket-events"))
        self.append(HTTPField(name: .connectionID, value: connectionID))
        self.append(HTTPField(name: .contentType, value: "application/websocket-events"))
    }
}
