import HTTPTypes

extension HTTPField.Name {
    /// The name that a server takes this one for when it hands names over as variables, or `nil` when it is the same.
    ///
    /// CGI, WSGI, PHP and others write names in capitals and replace hyphens, and often every other punctuation mark, by
    /// underscores, so that `X_Forwarded_For` arrives as what `X-Forwarded-For` would.
    var foldedName: String? {
        guard self.canonicalName.utf8.contains(where: { !$0.isUnambiguousInName }) else { return nil }
        let bytes = self.canonicalName.utf8.map { $0.isUnambiguousInName ? $0 : UInt8(ascii: "-") }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isUnambiguousInName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
