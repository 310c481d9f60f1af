import NIOCore

/// Puts ids for `%I` and `%(id)I`: the filter `build-id`.
struct IDBuilder: Sendable {
    private let format: String
    private let isHexadecimal: Bool
    private let channelIDs: [String: String]
    /// The id for `%I`, once it was needed.
    private var defaultID: ByteBuffer?

    init(_ context: FilterContext) throws(TemplateError) {
        guard let format = context.subscriptionMeta["id_format"] else { throw .noIDFormat }
        let encoding = context.subscriptionMeta["id_encoding"]
        guard encoding == nil || encoding == "hex" else { throw .unknownIDEncoding }
        self.format = format
        self.isHexadecimal = encoding != nil
        self.channelIDs = context.channelIDs
    }

    /// Renders a template; nothing means that it stays as it is.
    func render(_ template: ByteBuffer) throws(TemplateError) -> ByteBuffer? {
        var builder = self
        return try Template.render(whole: template) { (directive: TemplateDirective) throws(TemplateError) in
            try builder.id(directive)
        }
    }

    /// Renders what is complete of a template and takes it from the template.
    mutating func render(next template: inout ByteBuffer) throws(TemplateError) -> ByteBuffer? {
        try Template.render(&template) { (directive: TemplateDirective) throws(TemplateError) in
            try self.id(directive)
        }
    }

    private mutating func id(_ directive: TemplateDirective) throws(TemplateError) -> ByteBuffer {
        guard directive.letter == UInt8(ascii: "I") else { throw .unknownDirective(at: directive.position) }
        if let argument = directive.argument { return self.encoded(argument) }
        if let id = self.defaultID { return id }
        let template = ByteBuffer(string: self.format)
        do throws(TemplateError) {
            let id = try VariableSubstitution(values: self.channelIDs).render(template) ?? template
            let encoded = self.encoded(id)
            self.defaultID = encoded
            return encoded
        } catch {
            // Where it goes wrong in the format would be taken for a place in the content.
            throw .noID(at: directive.position)
        }
    }

    private func encoded(_ id: ByteBuffer) -> ByteBuffer {
        guard self.isHexadecimal else { return id }
        let digits = Array("0123456789abcdef".utf8)
        var encoded = ByteBuffer()
        encoded.reserveCapacity(minimumWritableBytes: id.readableBytes * 2)
        for byte in id.readableBytesView {
            encoded.writeInteger(digits[Int(byte >> 4)])
            encoded.writeInteger(digits[Int(byte & 0xF)])
        }
        return encoded
    }
}
