import GRIP
package import NIOCore

/// What stands before a publication on its way through the bus.
package struct BusPayload: Sendable, Hashable {
    static let version: UInt8 = 1
    package static let headByteCount = 18

    package var instance: UInt64
    package var number: SentLedger.Number
    /// The body of a request to the control API.
    package var body: ByteBuffer

    package init(instance: UInt64, number: SentLedger.Number, body: ByteBuffer) {
        self.instance = instance
        self.number = number
        self.body = body
    }

    /// Begins a payload, whose number is not known yet.
    package static func unnumbered(_ json: ByteBuffer, instance: UInt64) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(Self.headByteCount + json.readableBytes + 12)
        buffer.writeMultipleIntegers(Self.version, UInt8(0), instance, UInt64(0))
        buffer.writeStaticString("{\"items\":[")
        buffer.writeImmutableBuffer(json)
        buffer.writeStaticString("]}")
        return buffer
    }

    /// Puts the number in.
    package static func setNumber(_ number: SentLedger.Number, in payload: inout ByteBuffer) {
        payload.setInteger(UInt8(number.isFirst ? 1 : 0), at: payload.readerIndex + 1)
        payload.setInteger(number.value, at: payload.readerIndex + 10)
    }

    /// Reads a payload; `nil` for what is none.
    package init?(_ payload: ByteBuffer) {
        var payload = payload
        guard
            let (version, isFirst, instance, number) = payload.readMultipleIntegers(
                as: (UInt8, UInt8, UInt64, UInt64).self
            ), version == Self.version, isFirst <= 1, number > 0
        else { return nil }
        self.init(instance: instance, number: .init(value: number, isFirst: isFirst == 1), body: payload)
    }
}
