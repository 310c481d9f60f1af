import GRIPEngine
import HTTPTypes
import NIOCore

/// A page that one held connection waits for.
final class LinkFetch {
    enum Failure: Error {
        /// Asking again may help.
        case later(String)
        case never(String)
    }

    private var completion: ((Result<HoldPage, Failure>) -> Void)?

    init(_ completion: @escaping (Result<HoldPage, Failure>) -> Void) { self.completion = completion }

    func complete(_ result: Result<HoldPage, Failure>) {
        let completion = self.completion
        self.completion = nil
        completion?(result)
    }

    func cancel() { self.completion = nil }

    var isWanted: Bool { self.completion != nil }
}
