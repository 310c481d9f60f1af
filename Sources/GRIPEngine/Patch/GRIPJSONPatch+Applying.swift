package import GRIP
package import NIOCore

extension GRIPJSONPatch {
    /// Changes a document as RFC 6902 says.
    ///
    /// - Parameters:
    ///   - held: The document; members keep their order and numbers their text.
    ///   - limits: What that may cost.
    /// - Throws: ``JSONPatchError`` when any operation fails; then none counts.
    /// - Returns: Compact JSON with the line end that the document had.
    package func apply(
        to held: ByteBuffer,
        limits: JSONPatchLimits = JSONPatchLimits()
    ) throws(JSONPatchError) -> ByteBuffer {
        var document = try JSONPatchDocument(held, limits)
        for (position, operation) in self.operations.enumerated() {
            do throws(JSONPatchError.Reason) {
                try document.apply(try JSONPatchOperation(operation))
            } catch {
                throw JSONPatchError(operation: position, error)
            }
        }
        var writer = JSONWriter()
        writer.value(document.root)
        guard writer.bytes.count <= limits.resultBytes else { throw JSONPatchError(operation: nil, .tooLarge) }
        var body = writer.buffer
        body.writeBytes(Self.lineEnd(of: held))
        return body
    }

    private static func lineEnd(of held: ByteBuffer) -> [UInt8] {
        let end = held.readableBytesView.suffix(2)
        guard end.last == .newline else { return [] }
        return end.count == 2 && end.first == .carriageReturn ? [.carriageReturn, .newline] : [.newline]
    }
}
