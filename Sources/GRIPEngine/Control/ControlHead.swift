import GRIP
package import HTTPTypes

/// What comes before the body of a request to the control API: what the fields mean rather than the fields.
package struct ControlHead: Sendable, Hashable {
    /// How long the body is said to be.
    package enum Length: Sendable, Hashable {
        case none
        case bytes(Int)
        /// It is not known before the end.
        case chunked
        /// What is said contradicts itself or is no number.
        case invalid
    }

    package let method: HTTPRequest.Method
    /// The request target as the client wrote it.
    package let target: String
    package let length: Length
    /// Whether another request may follow on the connection.
    package let keepsConnection: Bool
    /// Whether the client understands an answer whose length is not known before the end.
    package let takesChunks: Bool
    /// Whether the client waits for leave to send the body.
    package let expectsContinue: Bool
    /// The values of `Accept`, `Authorization` and `Prefer`, each as its line has it.
    package let accept: [String]
    package let authorization: [String]
    package let prefer: [String]
    /// What it tells about who sends it.
    package let sender: ControlSender

    /// A request of which all that matters is known.
    init(
        method: HTTPRequest.Method,
        target: String,
        length: Length,
        accept: [String],
        authorization: [String],
        prefer: [String],
        host: ControlHost
    ) {
        self.method = method
        self.target = target
        self.length = length
        self.keepsConnection = true
        self.takesChunks = true
        self.expectsContinue = false
        self.accept = accept
        self.authorization = authorization
        self.prefer = prefer
        self.sender = ControlSender(host: host)
    }

    /// Reads the fields of a request.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - target: The request target as the client wrote it.
    ///   - fields: All fields.
    ///   - isHTTP10: Whether the client speaks a version before HTTP/1.1.
    package init(method: HTTPRequest.Method, target: String, fields: HTTPFields = [:], isHTTP10: Bool = false) {
        self.method = method
        self.target = target
        self.length = Length(fields)
        // A client that asks for another protocol may go on in it.
        self.keepsConnection =
            !isHTTP10 && !fields.has("close", in: .connection) && !fields.has("upgrade", in: .connection)
        self.takesChunks = !isHTTP10
        self.expectsContinue = !isHTTP10 && fields.has("100-continue", in: .expect)
        self.accept = fields[values: .accept]
        self.authorization = fields[values: .authorization]
        self.prefer = fields[values: .prefer]
        self.sender = ControlSender(fields)
    }
}

extension ControlHead {
    /// Whether the client wants to know what became of the request (RFC 7240 section 4.2).
    var prefersRepresentation: Bool {
        FieldParameters.elements(of: self.prefer).contains { element in
            guard let first = FieldParameters.parse(element)?.first else { return false }
            return first.name.equalsIgnoringASCIICase("return")
                && first.value?.equalsIgnoringASCIICase("representation") == true
        }
    }
}

extension ControlHead {
    /// The head of a request that was read as HTTP.
    package init(_ head: HTTP1RequestHead) {
        self.init(method: head.method, target: head.target, fields: head.fields, isHTTP10: head.isHTTP10)
    }
}

extension ControlHead.Length {
    fileprivate init(_ fields: HTTPFields) {
        do throws(HTTP1Problem) {
            self =
                switch try BodyLength(of: fields) {
                case .none: .none
                case .known(let count): .bytes(count)
                case .untilEnd: .chunked
                }
        } catch {
            self = error == .lengthTooLarge ? .bytes(.max) : .invalid
        }
    }
}
