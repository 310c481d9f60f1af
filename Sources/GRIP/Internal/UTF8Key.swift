#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A text as a key: two are the same when their bytes are.
///
/// Strings themselves are also equal when they only look the same, which would mix up channels and ids.
package struct UTF8Key: Sendable, Hashable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (lhs: UTF8Key, rhs: UTF8Key) -> Bool { lhs.text.hasSameBytes(as: rhs.text) }

    package func hash(into hasher: inout Hasher) { self.text.hashBytes(into: &hasher) }
}

extension String {
    /// Whether two texts are the same, byte by byte.
    package func hasSameBytes(as other: String) -> Bool {
        let isSame = self.utf8.withContiguousStorageIfAvailable { one in
            other.utf8.withContiguousStorageIfAvailable { two in
                guard one.count == two.count else { return false }
                guard let one = one.baseAddress, let two = two.baseAddress else { return true }
                return memcmp(one, two, self.utf8.count) == 0
            }
        }
        return (isSame ?? nil) ?? self.utf8.elementsEqual(other.utf8)
    }

    /// Hashes the bytes of a text and where they end.
    package func hashBytes(into hasher: inout Hasher) {
        var copy = self
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}
