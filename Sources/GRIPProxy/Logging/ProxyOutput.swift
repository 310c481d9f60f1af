/// Where a proxy that is a process of its own writes: its log, and its access log.
package struct ProxyOutput: Sendable {
    package let log: LogWriter
    package let access: LogWriter

    package init(log: LogWriter, access: LogWriter) {
        self.log = log
        self.access = access
    }

    /// How many lines were dropped because nobody read them in time.
    var droppedCount: Int { self.log.droppedCount + self.access.droppedCount }

    /// Waits until everything is written, but not longer than a time for each of the two.
    package func finish(within limit: Duration) {
        self.log.finish(within: limit)
        self.access.finish(within: limit)
    }
}
