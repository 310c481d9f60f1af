import HTTPTypes

extension JSONWriter {
    /// Writes header fields as a list of pairs, the only form that keeps order and repetition.
    mutating func fields(_ fields: HTTPFields) {
        self.array { writer in
            for field in fields {
                writer.array { writer in
                    writer.string(field.name.rawName)
                    writer.string(field.value)
                }
            }
        }
    }

    /// Writes content as text or as Base64, each under the name of its own.
    mutating func content(_ content: GRIPContent, text: StaticString, binary: StaticString) {
        switch content {
        case .text(let value):
            self.member(text, value)
        case .binary(let bytes):
            self.key(binary)
            self.base64(bytes)
        }
    }

    /// Writes the members of a dictionary, sorted so that equal dictionaries give equal text.
    mutating func members(_ dictionary: [String: String]) {
        for (name, value) in dictionary.sorted(by: { $0.key < $1.key }) {
            self.key(escaping: name)
            self.string(value)
        }
    }
}
