import NIOCore

/// The words of a line.
struct NATSLineWords {
    enum Operation {
        case info, message, messageWithHeaders, ping, pong, ok, error
    }

    /// A subject, a subscription, a reply subject and two lengths.
    private struct Words {
        static let maximum = 5

        private var words = (ByteBuffer(), ByteBuffer(), ByteBuffer(), ByteBuffer(), ByteBuffer())
        /// How many there are; one more than there is room for when there are too many.
        private(set) var count = 0

        mutating func append(_ word: ByteBuffer) {
            switch self.count {
            case 0: self.words.0 = word
            case 1: self.words.1 = word
            case 2: self.words.2 = word
            case 3: self.words.3 = word
            case 4: self.words.4 = word
            default: break
            }
            self.count += 1
        }

        subscript(_ index: Int) -> ByteBuffer {
            switch index {
            case 0: self.words.0
            case 1: self.words.1
            case 2: self.words.2
            case 3: self.words.3
            default: self.words.4
            }
        }
    }

    let operation: Operation?
    /// What follows the operation.
    let rest: ByteBuffer

    init(_ line: ByteBuffer) {
        let view = line.readableBytesView
        let end = view.firstIndex(where: Self.isBlank) ?? view.endIndex
        self.operation = Self.operation(view[..<end])
        var rest = line
        rest.moveReaderIndex(to: view[end...].firstIndex { !Self.isBlank($0) } ?? view.endIndex)
        self.rest = rest
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func operation(_ word: ByteBufferView) -> Operation? {
        // Letters count in either case.
        var letters: UInt64 = 0
        guard word.count <= 4 else { return nil }
        for byte in word { letters = letters << 8 | UInt64(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) }
        switch letters {
        case 0x6D_7367: return .message
        case 0x686D_7367: return .messageWithHeaders
        case 0x7069_6E67: return .ping
        case 0x706F_6E67: return .pong
        case 0x2B_6F6B: return .ok
        case 0x2D65_7272: return .error
        case 0x696E_666F: return .info
        default: return nil
        }
    }

    /// The text of an error, without quotes, as a log line may hold it.
    var errorText: String {
        var text = self.rest.readableBytesView
        while let last = text.last, Self.isBlank(last) { text.removeLast() }
        if text.count >= 2, text.first == UInt8(ascii: "'"), text.last == UInt8(ascii: "'") {
            text = text.dropFirst().dropLast()
        }
        return LineExcerpt.text(of: text)
    }

    /// The words as those of a message: subject, subscription, sometimes a reply subject, and one or two lengths.
    func messageLine(hasHeaders: Bool) throws(NATSProtocolViolation) -> NATSOperationReader.MessageLine {
        let wordCount = hasHeaders ? 4 : 3
        let words = self.split()
        let count = words.count
        guard count == wordCount || count == wordCount + 1 else {
            throw NATSProtocolViolation("the line of a message has not the words that it must have")
        }
        guard let subscription = Self.number(words[1]) else {
            throw NATSProtocolViolation("a message names a subscription that is not a number")
        }
        guard let byteCount = Self.byteCount(words[count - 1]) else {
            throw NATSProtocolViolation("the length of a message is not a number, or too large")
        }
        var line = NATSOperationReader.MessageLine(
            subscription: subscription,
            subject: words[0],
            reply: count > wordCount ? words[2] : nil,
            headerByteCount: nil,
            byteCount: byteCount
        )
        guard hasHeaders else { return line }
        guard let headerByteCount = Self.byteCount(words[count - 2]), headerByteCount <= byteCount else {
            throw NATSProtocolViolation("the length of a message's headers is not a number, or too large")
        }
        line.headerByteCount = headerByteCount
        return line
    }

    /// Splits what follows the operation.
    private func split() -> Words {
        var words = Words()
        let view = self.rest.readableBytesView
        var index = view.startIndex
        while index < view.endIndex, words.count <= Words.maximum {
            let start = index
            while index < view.endIndex, !Self.isBlank(view[index]) { index += 1 }
            if index > start, let word = self.rest.getSlice(at: start, length: index - start) { words.append(word) }
            while index < view.endIndex, Self.isBlank(view[index]) { index += 1 }
        }
        return words
    }

    /// Servers count the bytes of messages with 32 bits and a sign.
    private static func byteCount(_ word: ByteBuffer) -> Int? {
        guard let number = Self.number(word), number <= UInt64(Int32.max) else { return nil }
        return Int(number)
    }

    private static func number(_ word: ByteBuffer) -> UInt64? {
        var value: UInt64 = 0
        for byte in word.readableBytesView {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isBarelyTooLarge) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !isTooLarge, !isBarelyTooLarge else { return nil }
            value = sum
        }
        return word.readableBytes > 0 ? value : nil
    }
}
