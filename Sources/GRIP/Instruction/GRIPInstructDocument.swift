public import HTTPTypes
public import NIOCore

/// A body of the type `application/grip-instruct`: an instruction, and the response it is about, in JSON.
///
/// A proxy discards the origin's headers and body and uses ``response`` instead. The form suits origins that cannot
/// set headers; links, `Grip-Status` and `Grip-Expose-Headers` have no place in it.
public struct GRIPInstructDocument: Sendable, Hashable {
    /// The media type of such a body.
    public static let contentType = "application/grip-instruct"

    /// The hold, its channels and meta.
    public let instruction: GRIPInstruction
    /// What the client sees.
    public let response: Response

    /// The response inside an instruct document.
    public struct Response: Sendable, Hashable {
        /// The status, or nothing to keep the origin's, which is 200.
        public var status: HTTPResponse.Status?
        /// The header fields, in order.
        public var fields: HTTPFields
        /// The body.
        public var body: GRIPContent

        /// Makes a response.
        ///
        /// - Parameters:
        ///   - status: The status.
        ///   - fields: The header fields, in order.
        ///   - body: The body.
        public init(status: HTTPResponse.Status? = nil, fields: HTTPFields = [:], body: GRIPContent = "") {
            self.status = status
            self.fields = fields
            self.body = body
        }
    }

    /// Makes a document.
    ///
    /// - Parameters:
    ///   - instruction: An instruction without links, status and exposed headers.
    ///   - response: What the client sees.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/instruction`` when the instruction has parts that only headers
    ///   can carry, and with ``GRIPError/Code/keepAlive`` when its keep-alive is not of the interval mode, the only
    ///   one that the JSON form knows.
    public init(_ instruction: GRIPInstruction, response: Response) throws(GRIPError) {
        guard instruction.nextLink == nil, instruction.goneLink == nil, instruction.status == nil,
            instruction.exposedHeaders == nil
        else {
            throw GRIPError(
                .instruction,
                "links, Grip-Status and Grip-Expose-Headers have no place in an instruct document; send headers"
            )
        }
        guard instruction.hold != nil || (instruction.channels.isEmpty && instruction.meta.isEmpty) else {
            throw GRIPError(
                .instruction,
                "without a hold, channels and meta have no place in an instruct document; send headers"
            )
        }
        if let keepAlive = instruction.hold?.keepAlive, keepAlive.mode != .interval {
            throw GRIPError(.keepAlive, "an instruct document only carries keep-alives of the interval mode")
        }
        self.init(unchecked: instruction, response: response)
    }

    init(unchecked instruction: GRIPInstruction, response: Response) {
        self.instruction = instruction
        self.response = response
    }

    /// Puts a prefix before the names of all channels.
    ///
    /// - Parameter prefix: The application's prefix.
    /// - Returns: The document for the channels with the prefix.
    public func prefixed(by prefix: GRIPPrefix) -> GRIPInstructDocument {
        GRIPInstructDocument(unchecked: self.instruction.prefixed(by: prefix), response: self.response)
    }

    /// The document as JSON.
    public var json: ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in
            self.writeHold(to: &writer)
            writer.key("response")
            self.response.write(to: &writer)
        }
        return writer.buffer
    }

    private func writeHold(to writer: inout JSONWriter) {
        guard let hold = self.instruction.hold else { return }
        writer.key("hold")
        writer.object { writer in
            writer.member("mode", hold.mode.rawValue)
            writer.key("channels")
            writer.array { writer in
                for channel in self.instruction.channels {
                    writer.object { writer in
                        writer.member("name", channel.name)
                        if let previousID = channel.previousID { writer.member("prev-id", previousID) }
                        if !channel.filters.isEmpty {
                            writer.key("filters")
                            writer.array { writer in for filter in channel.filters { writer.string(filter.name) } }
                        }
                        channel.member?.write(to: &writer)
                    }
                }
            }
            if let timeout = hold.timeout { writer.member("timeout", timeout.wholeSeconds) }
            if let keepAlive = hold.keepAlive {
                writer.key("keep-alive")
                writer.object { writer in
                    writer.key("content-bin")
                    writer.base64(keepAlive.data)
                    writer.member("timeout", keepAlive.timeout.wholeSeconds)
                }
            }
            if !self.instruction.meta.isEmpty {
                writer.key("meta")
                writer.object { writer in writer.members(self.instruction.meta) }
            }
        }
    }
}

extension GRIPInstructDocument.Response {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            if let status = self.status {
                writer.member("code", status.code)
                if !status.reasonPhrase.isEmpty { writer.member("reason", status.reasonPhrase) }
            }
            if !self.fields.isEmpty {
                writer.key("headers")
                writer.fields(self.fields)
            }
            writer.content(self.body, text: "body", binary: "body-bin")
        }
    }
}
