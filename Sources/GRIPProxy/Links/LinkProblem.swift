/// Why a link was of no use.
enum LinkProblem: String, Sendable, CaseIterable {
    /// A next link led to an answer with another status than 2xx.
    case status
    /// The origin of a next link did not answer.
    case origin
    /// The page that a next link led to cannot be used.
    case page
    /// So many pages followed each other that each further one waits.
    case slowed
    /// Too many pages followed each other.
    case pages
    /// No origin accepted the notice that a hold is over.
    case gone
}
