import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore

/// The lines that say what a relay did, so that tests read as a record of the conversation.
extension [WebSocketRelayAction] {
    var lines: [String] { self.map(\.line) }
}

extension WebSocketRelayAction {
    var line: String {
        switch self {
        case .accept(let fields): (["101"] + fields.lines).joined(separator: " | ")
        case .reject(let head, let body):
            (["\(head.status.code)"] + head.headerFields.lines + [body.latin1]).joined(separator: " | ")
        case .fail(let failure): "fail \(failure.status.code): \(failure)"
        case .note(let failure): "note: \(failure)"
        case .send(let frame): "client < \(frame.line)"
        case .close(let close): "client < \(close.line)"
        case .drop(nil): "drop"
        case .drop(let failure?): "drop: \(failure)"
        case .subscribe(let channel, let filters, let member):
            (["subscribe \(channel)"] + filters.map(\.name) + (member.map { ["as \($0.key)"] } ?? []))
                .joined(separator: " ")
        case .unsubscribe(let channel): "unsubscribe \(channel)"
        case .leftOut(let channel): "leave out \(channel)"
        case .overflowed(let byteCount): "lose \(byteCount)"
        case .pauseReading: "pause"
        case .resumeReading: "resume"
        case .request(let request): "POST \(request.body.latin1)"
        case .sendToOrigin(let frame): "origin < \(frame.line)"
        case .closeOrigin(let close): "origin < \(close.line)"
        case .dropOrigin: "drop origin"
        case .finished: "finished"
        }
    }
}

extension WebSocketOutgoingFrame {
    fileprivate var line: String { "\(self.opcode)\(self.isFinal ? "" : "…") \(self.payload.latin1)" }
}

extension WebSocketClose? {
    fileprivate var line: String { self.map { "close \($0.code) \($0.reason)" } ?? "close" }
}

extension HTTPFields {
    var lines: [String] { self.map { "\($0.name.rawName): \($0.value)" } }

    static func fields(_ pairs: KeyValuePairs<String, String>) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in pairs {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return fields
    }
}

extension ByteBuffer {
    /// The bytes, each as the scalar of its number.
    var latin1: String {
        var text = ""
        for byte in self.readableBytesView { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return text
    }

    /// The bytes that the scalars of a text are.
    init(latin1: String) {
        self.init(bytes: latin1.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
    }
}
