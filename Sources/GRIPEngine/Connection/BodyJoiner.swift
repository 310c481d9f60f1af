package import NIOCore

/// Joins the pieces of a body that came at once, so that small ones are passed on together.
///
/// A client that sends a body byte by byte would otherwise cause a walk through the proxy and a system call for each.
package struct BodyJoiner: Sendable {
    /// Longer pieces are passed on as they are.
    package static let smallByteCount = 4096
    /// No more is gathered.
    package static let maximumByteCount = 65_536

    private var joined: ByteBuffer?

    package init() {}

    package var isEmpty: Bool { self.joined == nil }

    /// Takes a piece.
    ///
    /// - Returns: What is to be passed on first, or `nil`.
    package mutating func add(_ bytes: ByteBuffer) -> ByteBuffer? {
        guard bytes.readableBytes > 0 else { return nil }
        guard var joined = self.joined else {
            self.joined = bytes
            return nil
        }
        guard bytes.readableBytes <= Self.smallByteCount,
            joined.readableBytes + bytes.readableBytes <= Self.maximumByteCount
        else {
            self.joined = bytes
            return joined
        }
        // Let go of, so that the bytes are added in place.
        self.joined = nil
        joined.writeImmutableBuffer(bytes)
        self.joined = joined
        return nil
    }

    /// Takes out what there is.
    package mutating func take() -> ByteBuffer? {
        defer { self.joined = nil }
        return self.joined
    }
}
