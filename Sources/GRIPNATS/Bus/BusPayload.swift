package import GRIP
package import NIOCore

/// What stands before a publication on its way through the bus.
package struct BusPayload: Sendable, Hashable {
    static let version: UInt8 = 1
    package static let headByteCount = 18

    private static let isFirst: UInt8 = 1
    private static let isNamed: UInt8 = 2

    package var instance: UInt64
    package var number: SentLedger.Number
    /// The name of the channel, where it is one that the control API does not take.
    package var channel: String?
    /// The body of a request to the control API, with one item.
    package var body: ByteBuffer

    /// Begins a payload, whose number is not known yet.
    package static func unnumbered(_ publication: GRIPPublication, instance: UInt64) -> ByteBuffer {
        let name = publication.channel.name
        // What comes in through the control API has none of these, but handlers may hold channels of any name.
        let isOdd = name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
        let json = isOdd ? GRIPPublication(publication.item, to: "-").json : publication.json
        var buffer = ByteBuffer()
        buffer.reserveCapacity(Self.headByteCount + json.readableBytes + 12)
        buffer.writeMultipleIntegers(Self.version, isOdd ? Self.isNamed : UInt8(0), instance, UInt64(0))
        if isOdd {
            buffer.writeInteger(UInt32(name.utf8.count))
            buffer.writeString(name)
        }
        buffer.writeStaticString("{\"items\":[")
        buffer.writeImmutableBuffer(json)
        buffer.writeStaticString("]}")
        return buffer
    }

    /// Puts the number in.
    package static func setNumber(_ number: SentLedger.Number, in payload: inout ByteBuffer) {
        let flags = payload.getInteger(at: payload.readerIndex + 1, as: UInt8.self) ?? 0
        payload.setInteger(number.isFirst ? flags | Self.isFirst : flags, at: payload.readerIndex + 1)
        payload.setInteger(number.value, at: payload.readerIndex + 10)
    }

    /// Reads a payload; `nil` for what is none.
    package init?(_ payload: ByteBuffer) {
        var payload = payload
        guard
            let (version, flags, instance, number) = payload.readMultipleIntegers(
                as: (UInt8, UInt8, UInt64, UInt64).self
            ), version == Self.version, flags & ~(Self.isFirst | Self.isNamed) == 0, number > 0
        else { return nil }
        self.instance = instance
        self.number = SentLedger.Number(value: number, isFirst: flags & Self.isFirst != 0)
        if flags & Self.isNamed != 0 {
            guard let byteCount = payload.readInteger(as: UInt32.self),
                let name = payload.readSlice(length: Int(byteCount)),
                let channel = String(validating: name.readableBytesView, as: UTF8.self)
            else { return nil }
            self.channel = channel
        }
        self.body = payload
    }
}
