extension GRIPRequest {
    /// Whether two requests say the same, whatever the spelling of their features.
    ///
    /// - Parameters:
    ///   - lhs: A request.
    ///   - rhs: Another.
    /// - Returns: True when all that they say is equal.
    public static func == (lhs: GRIPRequest, rhs: GRIPRequest) -> Bool {
        lhs.signature == rhs.signature && lhs.features == rhs.features && lhs.lastIDs == rhs.lastIDs
            && lhs.connectionID == rhs.connectionID && lhs.sessionID == rhs.sessionID && lhs.meta == rhs.meta
    }

    /// Feeds what the request says into a hasher.
    ///
    /// - Parameter hasher: The hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.signature)
        hasher.combine(self.features)
        hasher.combine(self.lastIDs)
        hasher.combine(self.connectionID)
        hasher.combine(self.sessionID)
        hasher.combine(self.meta)
    }
}
