/// The header grammar that GRIP proxies share: comma lists of elements with semicolon parameters.
///
/// It is close to, but not, the grammar of structured fields: the first value of most headers is opaque up to the
/// first semicolon, quotes included. Both directions follow what proxies really do.
package enum FieldParameters {
    package typealias Parameter = (name: String, value: String?, isQuoted: Bool)

    /// Splits header lines into their trimmed elements: on commas that are not inside double quotes.
    package static func elements(of lines: [String]) -> [Substring] {
        var result: [Substring] = []
        for line in lines {
            let bytes = line.utf8
            var start = bytes.startIndex
            var isQuoted = false
            var index = start
            while index < bytes.endIndex {
                switch bytes[index] {
                case .quote: isQuoted.toggle()
                case .backslash where isQuoted:
                    index = bytes.index(after: index)
                    if index == bytes.endIndex { continue }
                case .comma where !isQuoted:
                    result.append(line[start..<index].trimmingASCIIWhitespace())
                    start = bytes.index(after: index)
                default: break
                }
                index = bytes.index(after: index)
            }
            // A trailing comma yields no element, an empty one before a comma does.
            let last = line[start...].trimmingASCIIWhitespace()
            if !last.isEmpty { result.append(last) }
        }
        return result
    }

    /// Splits an element into its first, opaque value and its parameters; nothing where a quote is left open.
    static func parse(opaqueFirst element: some StringProtocol) -> (first: String, parameters: [Parameter])? {
        let text = Substring(element)
        guard let semicolon = text.utf8.firstIndex(of: .semicolon) else {
            return (String(text.trimmingASCIIWhitespace()), [])
        }
        guard let parameters = Self.parse(text[text.utf8.index(after: semicolon)...]) else { return nil }
        return (String(text[..<semicolon].trimmingASCIIWhitespace()), parameters)
    }

    /// Reads `name=value; name="value"; name`; nothing where a quote is left open.
    package static func parse(_ text: Substring) -> [Parameter]? {
        let bytes = text.utf8
        var parameters: [Parameter] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let nameEnd = bytes[index...].firstIndex(where: { $0 == .equals || $0 == .semicolon }) ?? bytes.endIndex
            let name = String(text[index..<nameEnd].trimmingASCIIWhitespace())
            guard nameEnd < bytes.endIndex, bytes[nameEnd] == .equals else {
                if !name.isEmpty { parameters.append((name, nil, false)) }
                index = nameEnd < bytes.endIndex ? bytes.index(after: nameEnd) : nameEnd
                continue
            }
            index = bytes.index(after: nameEnd)
            if index < bytes.endIndex, bytes[index] == .quote {
                guard let value = Self.quoted(bytes, &index) else { return nil }
                parameters.append((name, value, true))
                let next = bytes[index...].firstIndex(of: .semicolon) ?? bytes.endIndex
                index = next < bytes.endIndex ? bytes.index(after: next) : next
            } else {
                let valueEnd = bytes[index...].firstIndex(of: .semicolon) ?? bytes.endIndex
                parameters.append((name, String(text[index..<valueEnd].trimmingASCIIWhitespace()), false))
                index = valueEnd < bytes.endIndex ? bytes.index(after: valueEnd) : valueEnd
            }
        }
        return parameters
    }

    private static func quoted(_ bytes: Substring.UTF8View, _ index: inout Substring.Index) -> String? {
        var content: [UInt8] = []
        index = bytes.index(after: index)
        while index < bytes.endIndex {
            switch bytes[index] {
            case .quote:
                index = bytes.index(after: index)
                return String(validating: content, as: UTF8.self)
            case .backslash:
                index = bytes.index(after: index)
                guard index < bytes.endIndex else { return nil }
                content.append(bytes[index])
            default:
                content.append(bytes[index])
            }
            index = bytes.index(after: index)
        }
        return nil
    }

    /// The value as it must be written after `name=`: as it is where that is safe, else quoted and escaped.
    static func encodeValue(_ value: String) -> String {
        let needsQuotes = value.utf8.contains { byte in
            byte == .comma || byte == .semicolon || byte == .quote || byte == .backslash || byte == .space
        }
        return needsQuotes ? Self.quote(value) : value
    }

    /// The value in double quotes, with quotes and backslashes escaped.
    static func quote(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == .quote || $0 == .backslash }) else { return "\"" + value + "\"" }
        var result = "\""
        for scalar in value.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }

    /// A decimal integer with optional sign and surrounding blanks, of at most 32 bits.
    package static func integer(_ text: some StringProtocol) -> Int? {
        Int32(text.trimmingASCIIWhitespace()).map(Int.init)
    }
}

extension [FieldParameters.Parameter] {
    /// The first parameter of that name, whatever the case of its letters.
    func first(named name: String) -> FieldParameters.Parameter? {
        self.first(where: { $0.name.equalsIgnoringASCIICase(name) })
    }
}
