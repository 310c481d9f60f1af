/// What a patch may cost.
package struct JSONPatchLimits: Sendable, Hashable {
    /// How many bytes the document may grow to, during the patch as well.
    package var resultBytes: Int
    /// How many values and bytes may be looked at, about; a small patch of a large document needs a few thousand.
    package var steps: Int

    package init(resultBytes: Int = 1_000_000, steps: Int = 5_000_000) {
        self.resultBytes = resultBytes
        self.steps = steps
    }
}
