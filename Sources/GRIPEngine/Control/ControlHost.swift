import GRIP

/// What `Host` says in a request to the control API, as far as it tells web pages from publishers.
///
/// A page can make a name of its own lead to this machine (DNS rebinding), but neither an address nor `localhost`.
package enum ControlHost: Sendable, Hashable {
    /// There is no `Host`, or an empty one; browsers always send one.
    case none
    /// An address, or `localhost`.
    case local
    /// A name, without the port and without a dot at its end.
    case name(String)
    /// The request has several, or one that cannot be read.
    case invalid

    /// Reads the values of all `Host` fields.
    init(_ values: [String]) {
        guard let first = values.first else {
            self = .none
            return
        }
        guard values.count == 1 else {
            self = .invalid
            return
        }
        self.init(Array(first.trimmingASCIIWhitespace().utf8)[...])
    }

    /// Reads the bytes of one value, which has no blanks around it.
    init(_ bytes: some BidirectionalCollection<UInt8>) {
        guard let first = bytes.first else {
            self = .none
            return
        }
        let end: Int
        if first == UInt8(ascii: "[") {
            guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else {
                self = .invalid
                return
            }
            end = bytes.distance(from: bytes.startIndex, to: bracket) + 1
        } else {
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            end = bytes.distance(from: bytes.startIndex, to: colon)
        }
        let port = bytes.dropFirst(end)
        guard port.isEmpty || (port.first == UInt8(ascii: ":") && port.dropFirst().allSatisfy(\.isDigit)) else {
            self = .invalid
            return
        }
        var host = bytes.prefix(end)
        if first == UInt8(ascii: "[") {
            self = Self.isIPv6(host.dropFirst().dropLast()) ? .local : .invalid
            return
        }
        if host.last == UInt8(ascii: ".") { host = host.dropLast() }
        guard !host.isEmpty else {
            self = .invalid
            return
        }
        if Self.isIPv4(host) || Self.isLocalhost(host) {
            self = .local
        } else {
            self = .name(String(decoding: host, as: UTF8.self))
        }
    }

    private static func isLocalhost(_ host: some Collection<UInt8>) -> Bool {
        // Of ASCII, only letters have a lower case that differs from them in this bit.
        host.count == 9 && zip(host, "localhost".utf8).allSatisfy { $0 | 0x20 == $1 && $0 >= UInt8(ascii: "A") }
    }

    /// Whether it has four numbers up to 255, which no name can consist of.
    private static func isIPv4(_ host: some Collection<UInt8>) -> Bool {
        var parts = 1
        var digits = 0
        var number = 0
        for byte in host {
            if byte == UInt8(ascii: ".") {
                guard digits > 0 else { return false }
                parts += 1
                digits = 0
                number = 0
            } else {
                guard byte.isDigit, digits < 3 else { return false }
                digits += 1
                number = number * 10 + Int(byte - UInt8(ascii: "0"))
                guard number <= 255 else { return false }
            }
        }
        return parts == 4 && digits > 0
    }

    /// Whether it is written as addresses of IPv6 are; no name has a colon.
    private static func isIPv6(_ host: some Collection<UInt8>) -> Bool {
        // What follows a percent sign is the zone.
        let address = host.prefix { $0 != UInt8(ascii: "%") }
        return address.contains(UInt8(ascii: ":"))
            && address.allSatisfy { $0.isHexDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        self.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }
}
