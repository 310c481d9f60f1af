import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How much of what was sent on a connection has arrived at the other machine.
enum SocketAcknowledgement {
    /// Where Linux has `tcpi_bytes_acked` in its `tcp_info`; the C library's headers end before it.
    private static let offset = 120

    /// How many bytes the other machine has acknowledged, to which some systems add one for the connection itself.
    ///
    /// - Parameter channel: A connection that is not closed yet on this side.
    /// - Returns: No value where the system does not tell.
    static func byteCount(of channel: any Channel) -> UInt64? {
        #if os(Linux)
        do {
            return try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                Self.byteCount(of: $0)
            } ?? nil
        } catch {
            // It is closed already.
            return nil
        }
        #else
        return nil
        #endif
    }

    #if os(Linux)
    private static func byteCount(of descriptor: CInt) -> UInt64? {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { info in
            var length = socklen_t(info.count)
            guard getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, info.baseAddress, &length) == 0,
                Int(length) >= Self.offset + 8
            else { return nil }
            return info.load(fromByteOffset: Self.offset, as: UInt64.self)
        }
    }
    #endif
}
