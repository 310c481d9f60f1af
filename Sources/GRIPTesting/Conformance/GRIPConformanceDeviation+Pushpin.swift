extension GRIPConformanceDeviation {
    /// What Pushpin 1.36 is known to do otherwise, with the configuration that Debian ships.
    public static let pushpin1_36: [GRIPConformanceDeviation] = [
        .init("request.feature.link-gone", "Gone links came with 1.41."),
        .init("request.forged.empty-secret", "Where no upstream key is configured, the empty secret is one."),
        .init("instruct.mistake.too-many-filters", "The limit of five filters came with 1.41."),
        .init("request.empty-header", "Its HTTP client leaves headers without a value out."),
        .init("request.target.bad-percent", "It encodes all percent signs again where one is not percent-encoding."),
        .init("http.connection.half-closed", "It takes a client that has half closed its connection for gone."),
        .init("origin.cut-chunks", "It ends the client's response as if the origin's had been complete."),
        .init("origin.half-a-head", "It answers with the status 0."),
        .init("gone.client", "Gone links came with 1.41."),
        .init("gone.closed", "Gone links came with 1.41."),
        .init("filter.var-subst.unknown", "An error in a template ends the stream."),
        .init("filter.content-filters.other", "An item that counts on other filters ends the stream."),
        .init("websocket.handshake.capitals", "It takes the handshake for a plain request."),
        .init("websocket.answer.refresh", "The refresh action came with 1.38."),
        .init("websocket.partly-accepted", "Content-Bytes-Accepted came with 1.41."),
        .init("websocket.ping-between-fragments", "It ends the connection."),
        .init("websocket.publish.ping-empty", "It drops a ping without content."),
        .init("websocket.size.65536", "Flow control stops what the origin sends beyond about 32 kB; fixed in 1.38."),
        .init("websocket.size.150000", "Flow control stops what the origin sends beyond about 32 kB; fixed in 1.38."),
        .init("websocket.closed.confirmed", "The client's confirmation becomes a CLOSE event."),
        .init("native.ping.payload", "Its HTTP client loses the payload of pings."),
        .init("native.rejected.headers", "Its HTTP client loses the reason and the headers of a refusal."),
    ]
}
