/// A number for each kind of hold: deliveries of an item, or subscribers of a channel.
package typealias CountByKind = PerKind<Int>

extension PerKind<Int> {
    package init(responses: Int = 0, streams: Int = 0, webSockets: Int = 0) {
        self.init(repeating: 0)
        self.responses = responses
        self.streams = streams
        self.webSockets = webSockets
    }

    package var total: Int { self.responses &+ self.streams &+ self.webSockets }

    package static func += (lhs: inout CountByKind, rhs: CountByKind) {
        for kind in HoldKind.allCases { lhs[kind] &+= rhs[kind] }
    }

    package static func - (lhs: CountByKind, rhs: CountByKind) -> CountByKind {
        var difference = lhs
        for kind in HoldKind.allCases { difference[kind] &-= rhs[kind] }
        return difference
    }
}
