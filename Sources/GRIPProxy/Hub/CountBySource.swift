/// A number for each source of items.
struct CountBySource: Sendable, Hashable {
    var control = 0
    var application = 0
    var bus = 0

    subscript(source: PublishSource) -> Int {
        get {
            switch source {
            case .control: self.control
            case .application: self.application
            case .bus: self.bus
            }
        }
        set {
            switch source {
            case .control: self.control = newValue
            case .application: self.application = newValue
            case .bus: self.bus = newValue
            }
        }
    }

    var total: Int { self.control + self.application + self.bus }

    static func += (lhs: inout CountBySource, rhs: CountBySource) {
        for source in PublishSource.allCases { lhs[source] += rhs[source] }
    }
}
