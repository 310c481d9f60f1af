extension GRIPConformanceDeviation {
    /// What Pushpin 1.36 is known to do otherwise, with the configuration that Debian ships.
    public static let pushpin1_36: [GRIPConformanceDeviation] = [
        .init("request.feature.link-gone", "Gone links came with 1.41."),
        .init("request.empty-header", "Its HTTP client leaves headers without a value out."),
        .init("request.target.bad-percent", "It encodes all percent signs again where one is not percent-encoding."),
        .init("http.connection.half-closed", "It takes a client that has half closed its connection for gone."),
        .init("origin.cut-chunks", "It ends the client's response as if the origin's had been complete."),
        .init("origin.half-a-head", "It answers with the status 0."),
    ]
}
