extension GRIPConformanceDeviation {
    /// What `grip proxy` does otherwise on purpose.
    public static let gripProxy: [GRIPConformanceDeviation] = [
        .init("websocket.answer.cut-off", "Half a message would look like a whole one, so the connection ends.")
    ]
}
