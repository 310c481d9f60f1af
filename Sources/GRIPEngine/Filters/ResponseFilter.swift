package import GRIP
package import NIOCore

/// The filters that an origin's own body passes through, piece by piece.
///
/// Of those known that is only `build-id`, and it runs once however many channels list it.
package struct ResponseFilter: Sendable {
    private enum State: Sendable {
        /// No filter applies.
        case off
        /// The builder, and the beginning of a directive that the next piece may finish.
        case on(IDBuilder, rest: ByteBuffer)
        case failed(String)
    }

    private var state: State

    /// Makes a filter.
    ///
    /// - Parameters:
    ///   - filters: The filters of all channels.
    ///   - context: The client; channels have no ids yet when a body is made, so that `%I` works only where
    ///     `id_format` needs none.
    package init(_ filters: some Sequence<GRIPFilter>, context: FilterContext) {
        guard filters.contains(where: { KnownFilter($0) == .buildID }) else {
            self.state = .off
            return
        }
        do throws(TemplateError) {
            self.state = .on(try IDBuilder(context), rest: ByteBuffer())
        } catch {
            self.state = Self.failure(error)
        }
    }

    /// Whether there is nothing to do.
    package var isEmpty: Bool {
        if case .off = self.state { true } else { false }
    }

    /// Takes the next piece of the body.
    ///
    /// - Parameter piece: The piece.
    /// - Returns: What to send for it, which may be empty; never ``FilterOutcome/dropped``. After a failure all further
    ///   pieces fail.
    package mutating func update(_ piece: ByteBuffer) -> FilterOutcome {
        switch self.state {
        case .off: return .unchanged
        case .failed(let reason): return .failed(reason)
        case .on(var builder, var rest):
            let isContinued = rest.readableBytes > 0
            if isContinued { rest.writeImmutableBuffer(piece) } else { rest = piece }
            do throws(TemplateError) {
                guard let output = try builder.render(next: &rest) else {
                    // There is no directive, and so the rest was empty.
                    return .unchanged
                }
                // A slice would keep the whole piece in memory.
                let isComplete = rest.readableBytes == 0
                self.state = .on(builder, rest: isComplete ? ByteBuffer() : ByteBuffer(bytes: rest.readableBytesView))
                return .replaced(output)
            } catch {
                return self.fail(error)
            }
        }
    }

    /// Ends the body.
    ///
    /// - Returns: ``FilterOutcome/unchanged`` where all is sent, or ``FilterOutcome/failed(_:)``.
    package mutating func finish() -> FilterOutcome {
        switch self.state {
        case .off: return .unchanged
        case .failed(let reason): return .failed(reason)
        case .on(_, let rest): return rest.readableBytes == 0 ? .unchanged : self.fail(.unfinished(at: 0))
        }
    }

    private mutating func fail(_ error: TemplateError) -> FilterOutcome {
        self.state = Self.failure(error)
        return .failed("\(KnownFilter.buildID.rawValue): \(error)")
    }

    private static func failure(_ error: TemplateError) -> State {
        .failed("\(KnownFilter.buildID.rawValue): \(error)")
    }
}
