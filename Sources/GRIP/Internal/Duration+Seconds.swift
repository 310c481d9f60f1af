extension Duration {
    /// Whole seconds, rounded up, from 0 to the largest 32-bit integer: what headers and JSON carry.
    package var wholeSeconds: Int {
        let (seconds, attoseconds) = self.components
        let roundedUp = attoseconds > 0 ? seconds.addingReportingOverflow(1).partialValue : seconds
        guard seconds < Int64(Int32.max) else { return Int(Int32.max) }
        return Int(Swift.max(0, roundedUp))
    }
}
