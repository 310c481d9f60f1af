package import GRIP
package import NIOCore

extension ResponseFilter {
    /// Filters a whole body of the origin with what its own instruction says.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - instruction: The instruction that came with it.
    /// - Returns: The body that the client gets.
    package static func filtered(
        _ body: ByteBuffer,
        by instruction: GRIPInstruction
    ) throws(GRIPError) -> ByteBuffer {
        let filters = instruction.channels.flatMap(\.filters)
        guard filters.contains(.buildID) else { return body }
        let context = FilterContext(
            subscriptionMeta: instruction.meta,
            publicationMeta: [:],
            channelIDs: [:],
            isSubscribed: { name in instruction.channels.contains { $0.name == name } }
        )
        var filter = ResponseFilter(filters, context: context)
        var result = ByteBuffer()
        for (outcome, unchanged) in [(filter.update(body), body), (filter.finish(), ByteBuffer())] {
            switch outcome {
            case .unchanged: result.writeImmutableBuffer(unchanged)
            case .replaced(let piece): result.writeImmutableBuffer(piece)
            case .dropped: break
            case .failed(let reason): throw GRIPError(.filter, reason)
            }
        }
        return result
    }
}
