import NIOCore

/// Renders templates, whole or in pieces.
enum Template {
    /// By how many bytes a template may grow when it is rendered.
    static let maximumGrowth = 1_000_000

    /// Renders as much of a template as is complete.
    ///
    /// - Parameters:
    ///   - template: The template; what is rendered is taken from it, so that the beginning of a directive may be left.
    ///   - value: What a directive stands for.
    /// - Throws: ``TemplateError`` when the template is none, or by the word of `value`.
    /// - Returns: The text, or nothing when it is the template.
    static func render(
        _ template: inout ByteBuffer,
        _ value: (TemplateDirective) throws(TemplateError) -> ByteBuffer
    ) throws(TemplateError) -> ByteBuffer? {
        let bytes = template.readableBytesView
        guard let first = bytes.firstIndex(of: UInt8(ascii: "%")) else {
            return nil
        }
        let maximumBytes = bytes.count + Self.maximumGrowth
        var output = ByteBuffer()
        var position = bytes.startIndex
        var marker: Int? = first
        while let found = marker {
            output.writeBytes(bytes[position..<found])
            position = found
            let offset = found - bytes.startIndex
            guard let directive = try TemplateDirective.read(template.readableBytesUInt8Span, at: offset) else { break }
            if directive.letter == UInt8(ascii: "%") {
                output.writeInteger(directive.letter)
            } else {
                output.writeImmutableBuffer(try value(directive))
            }
            guard output.readableBytes <= maximumBytes else { throw .tooLarge }
            position += directive.byteCount
            marker = bytes[position...].firstIndex(of: UInt8(ascii: "%"))
            if marker == nil {
                output.writeBytes(bytes[position...])
                position = bytes.endIndex
            }
        }
        template.moveReaderIndex(forwardBy: position - bytes.startIndex)
        return output
    }

    /// Renders a whole template.
    static func render(
        whole template: ByteBuffer,
        _ value: (TemplateDirective) throws(TemplateError) -> ByteBuffer
    ) throws(TemplateError) -> ByteBuffer? {
        var rest = template
        guard let output = try Self.render(&rest, value) else { return nil }
        guard rest.readableBytes == 0 else { throw .unfinished(at: template.readableBytes - rest.readableBytes) }
        return output
    }
}
