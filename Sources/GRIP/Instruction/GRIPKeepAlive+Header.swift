import NIOCore

extension GRIPKeepAlive {
    /// The value of `Grip-Keep-Alive`.
    ///
    /// Raw and cstring data survive a proxy's parser only where they hold no semicolon and no blank at either end, and
    /// of escapes proxies know four. All else goes as Base64, which always survives.
    var headerValue: String {
        var value: String
        if let escaped = self.cstring {
            value = escaped.text + (escaped.isEscaped ? "; format=cstring" : "")
        } else {
            value = String(decoding: Base64.encode(self.data.readableBytesView), as: UTF8.self) + "; format=base64"
        }
        value += "; timeout=" + String(self.timeout.wholeSeconds)
        if self.mode != .idle { value += "; mode=" + self.mode.rawValue }
        return value
    }

    private var cstring: (text: String, isEscaped: Bool)? {
        let bytes = self.data.readableBytesView
        guard bytes.first != .space, bytes.last != .space else { return nil }
        var text: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            switch byte {
            case .newline: text += [.backslash, UInt8(ascii: "n")]
            case .carriageReturn: text += [.backslash, UInt8(ascii: "r")]
            case .backslash: text += [.backslash, .backslash]
            case .semicolon, 0..<0x20, 0x7F...0xFF: return nil
            default:
                text.append(byte)
                continue
            }
            isEscaped = true
        }
        return (String(decoding: text, as: UTF8.self), isEscaped)
    }

    /// Reads the value of `Grip-Keep-Alive`, as a proxy does.
    init?(headerValue: String) throws(GRIPError) {
        // A header whose quotes are open, or that is empty, counts as absent.
        guard !headerValue.trimmingASCIIWhitespace().isEmpty,
            let (text, parameters) = FieldParameters.parse(opaqueFirst: headerValue)
        else { return nil }
        var seconds = 55
        if let timeout = parameters.first(named: "timeout") {
            guard let value = FieldParameters.integer(timeout.value ?? ""), value >= 0 else {
                throw GRIPError(.keepAlive, "the timeout of Grip-Keep-Alive is not a number of seconds")
            }
            seconds = value
        }
        var mode = Mode.idle
        if let name = parameters.first(named: "mode") {
            guard let value = Mode(rawValue: name.value ?? "") else {
                throw GRIPError(.keepAlive, "unknown mode of Grip-Keep-Alive")
            }
            mode = value
        }
        let data: [UInt8]
        switch parameters.first(named: "format")?.value ?? "raw" {
        case "raw": data = Array(text.utf8)
        case "cstring": data = try Self.unescape(text)
        case "base64": data = Base64.decodeLeniently(text.utf8)
        default: throw GRIPError(.keepAlive, "unknown format of Grip-Keep-Alive")
        }
        guard !data.isEmpty else { throw GRIPError(.keepAlive, "the data of Grip-Keep-Alive is empty") }
        self.init(unchecked: ByteBuffer(bytes: data), seconds: seconds, mode: mode)
    }

    private static func unescape(_ text: String) throws(GRIPError) -> [UInt8] {
        var result: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == .backslash else {
                result.append(byte)
                continue
            }
            switch bytes.next() {
            case UInt8.backslash: result.append(.backslash)
            case UInt8(ascii: "n"): result.append(.newline)
            case UInt8(ascii: "r"): result.append(.carriageReturn)
            case UInt8(ascii: "x"):
                guard let high = bytes.next()?.hexDigitValue, let low = bytes.next()?.hexDigitValue else {
                    throw GRIPError(.keepAlive, "a \\x escape of Grip-Keep-Alive lacks its two digits")
                }
                result.append(high << 4 | low)
            case nil: throw GRIPError(.keepAlive, "the data of Grip-Keep-Alive ends in a lone backslash")
            default: break  // Proxies drop an unknown escape with its letter.
            }
        }
        return result
    }
}
