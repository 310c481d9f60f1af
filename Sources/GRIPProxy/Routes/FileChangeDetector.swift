package import GRIPPublisher

/// Tells when a file was changed and whoever changes it has finished.
///
/// A file that is being written looks different each time. So a change only counts once the file looked the same twice
/// in a row. A file that is away is about to be replaced, which is no change yet.
package struct FileChangeDetector: Sendable {
    /// The state that was last acted upon.
    private var settled: SmallFile.Stamp?
    /// A state that was seen once.
    private var candidate: SmallFile.Stamp?

    /// Makes a detector.
    ///
    /// - Parameter stamp: The state of the file when it was read, or nothing when it was not there.
    package init(_ stamp: SmallFile.Stamp?) { self.settled = stamp }

    /// Looks at the file.
    ///
    /// - Parameter stamp: Its state, or nothing when it is not there.
    /// - Returns: Whether to read it now.
    package mutating func observe(_ stamp: SmallFile.Stamp?) -> Bool {
        guard let stamp, stamp != self.settled else {
            self.candidate = nil
            return false
        }
        guard stamp == self.candidate else {
            self.candidate = stamp
            return false
        }
        self.settled = stamp
        self.candidate = nil
        return true
    }

    /// Notes that the file was read anyway.
    ///
    /// - Parameter stamp: Its state before it was read.
    package mutating func settle(_ stamp: SmallFile.Stamp?) {
        self.settled = stamp
        self.candidate = nil
    }
}
