extension WebSocketMessagePrefix {
    /// Reads a list of WebSocket extensions, each a name with parameters.
    struct Scanner {
        struct Element {
            var name = ""
            var messagePrefix: String?
            var isMalformed = false
        }

        private let bytes: [UInt8]
        private var index = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        private var current: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }

        mutating func nextElement() -> Element? {
            guard self.index < self.bytes.count else { return nil }
            var element = Element(name: self.token())
            while self.current == .semicolon, !element.isMalformed {
                self.index += 1
                self.readParameter(into: &element)
            }
            if let next = self.current, next != .comma { element.isMalformed = true }
            if element.isMalformed {
                // Where a malformed element ends is a guess, so nothing after it is believed.
                self.index = self.bytes.count
            } else {
                self.index += 1
            }
            return element
        }

        private mutating func readParameter(into element: inout Element) {
            let name = self.token()
            var value: String?
            if self.current == .equals {
                self.index += 1
                self.skipBlanks()
                value = self.current == .quote ? self.quotedText() : self.nonEmptyToken()
                if value == nil { element.isMalformed = true }
            }
            // Of equal names the first one counts, as everywhere in GRIP.
            guard name == "message-prefix", element.messagePrefix == nil else { return }
            element.messagePrefix = value
            element.isMalformed = element.isMalformed || value == nil
        }

        /// The text up to a delimiter without the blanks around it.
        private mutating func token() -> String {
            let start = self.index
            while let byte = self.current, byte != .comma, byte != .semicolon, byte != .equals { self.index += 1 }
            return String(String(decoding: self.bytes[start..<self.index], as: UTF8.self).trimmingASCIIWhitespace())
        }

        private mutating func nonEmptyToken() -> String? {
            let token = self.token()
            return token.isEmpty ? nil : token
        }

        private mutating func quotedText() -> String? {
            var text: [UInt8] = []
            self.index += 1
            while let byte = self.current {
                self.index += 1
                switch byte {
                case .quote:
                    self.skipBlanks()
                    if let next = self.current, next != .comma, next != .semicolon { return nil }
                    return String(validating: text, as: UTF8.self)
                case .backslash:
                    guard let escaped = self.current else { return nil }
                    self.index += 1
                    text.append(escaped)
                default:
                    text.append(byte)
                }
            }
            return nil
        }

        private mutating func skipBlanks() {
            while self.current == .space || self.current == .tab { self.index += 1 }
        }
    }
}
