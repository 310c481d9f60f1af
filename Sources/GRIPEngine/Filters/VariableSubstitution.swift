import NIOCore

/// Puts values for `%(name)s`.
struct VariableSubstitution {
    let values: [String: String]

    /// Renders a template; nothing means that it stays as it is.
    func render(_ template: ByteBuffer) throws(TemplateError) -> ByteBuffer? {
        try Template.render(whole: template) { (directive: TemplateDirective) throws(TemplateError) in
            guard directive.letter == UInt8(ascii: "s") else { throw .unknownDirective(at: directive.position) }
            guard let argument = directive.argument else { throw .noArgument(at: directive.position) }
            guard let value = self.values[String(buffer: argument)] else {
                throw .unknownVariable(at: directive.position)
            }
            return ByteBuffer(string: value)
        }
    }
}
