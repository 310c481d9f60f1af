import GRIP
import GRIPEngine

extension HeldChannel {
    static func channel(
        _ name: String,
        after previousID: String? = nil,
        filters: [GRIPFilter] = [],
        prefix: String = ""
    ) -> HeldChannel {
        HeldChannel(GRIPChannel(unchecked: name, previousID: previousID, filters: filters), prefix: prefix)
    }
}

extension HoldTerms {
    static func terms(
        next path: String? = nil,
        timeout: Duration = NextLink.defaultTimeout,
        keepAlive: GRIPKeepAlive? = nil,
        meta: [String: String] = [:]
    ) -> HoldTerms {
        var terms = HoldTerms()
        terms.meta = meta
        terms.keepAlive = keepAlive
        terms.nextLink = path.map { path in
            NextLink(
                target: .route(path: path),
                uri: URIReference(scheme: "http", authority: "test", path: path),
                timeout: timeout
            )
        }
        return terms
    }
}

extension Delivery {
    convenience init(
        _ format: GRIPFormat,
        on channel: String = "c",
        id: String? = nil,
        after previousID: String? = nil,
        sender: String? = nil
    ) {
        let item = GRIPItem(format, id: id, previousID: previousID, sender: sender)
        self.init(GRIPPublication(item, to: GRIPChannel(unchecked: channel)))
    }
}

extension GRIPFormat {
    static let httpStreamRefresh = GRIPFormat(.httpStream(GRIPHTTPStream(action: .refresh)))
    static let httpResponseClose = GRIPFormat(.httpResponse(GRIPHTTPResponse(action: .close)))
    static let httpResponseRefresh = GRIPFormat(.httpResponse(GRIPHTTPResponse(action: .refresh)))
}
