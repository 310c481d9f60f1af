/// What a field of a plain head is to those who read it.
enum PlainFieldMeaning {
    case host
    case accept
    case authorization
    case prefer
    case length
    case connection
    case origin
    case fetchSite
    /// It changes how the message is read.
    case special
    case other

    init(_ name: Range<Int>, _ bytes: Span<UInt8>) {
        func isName(_ text: StaticString) -> Bool { PlainHead.matches(name, text, bytes) }
        // Most fields differ from all of these in length already.
        switch name.count {
        case 4 where isName("host"): self = .host
        case 6 where isName("accept"): self = .accept
        case 6 where isName("prefer"): self = .prefer
        case 6 where isName("expect"): self = .special
        case 6 where isName("origin"): self = .origin
        case 7 where isName("upgrade"): self = .special
        case 10 where isName("connection"): self = .connection
        case 13 where isName("authorization"): self = .authorization
        case 14 where isName("content-length"): self = .length
        case 14 where isName("sec-fetch-site"): self = .fetchSite
        case 17 where isName("transfer-encoding"): self = .special
        default: self = .other
        }
    }
}
