import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore

/// A held response, and lines for what becomes of it.
struct ResponseConversation {
    var hold: ResponseHold

    init(
        _ channels: [HeldChannel],
        held body: String = "held",
        status: HTTPResponse.Status = .ok,
        fields: KeyValuePairs<String, String> = [:],
        meta: [String: String] = [:],
        timeout: Duration? = nil
    ) {
        let head = HTTPResponse(status: status, headerFields: .fields(fields))
        self.hold = ResponseHold(
            ResponseHold.Answer(head: head, body: ByteBuffer(string: body)),
            channels: channels,
            meta: meta,
            timeout: timeout,
            now: EngineTime(milliseconds: 0)
        )
    }

    mutating func publish(
        _ format: GRIPFormat,
        on channel: String = "c",
        id: String? = nil,
        after previousID: String? = nil,
        sender: String? = nil
    ) -> String {
        guard let slot = self.hold.channels.firstIndex(where: { $0.name == channel }) else { return "" }
        let delivery = Delivery(format, on: channel, id: id, after: previousID, sender: sender)
        return self.hold.receive(delivery, slot: slot).line
    }

    mutating func publish(
        _ text: String,
        on channel: String = "c",
        id: String? = nil,
        after previousID: String? = nil,
        sender: String? = nil
    ) -> String {
        self.publish(.httpResponse(text), on: channel, id: id, after: previousID, sender: sender)
    }

    mutating func wake(at milliseconds: Int64) -> String {
        self.hold.wake(at: EngineTime(milliseconds: milliseconds))?.line ?? ""
    }
}

extension ResponseHold.Answer {
    /// The status, the fields and the body.
    var line: String {
        (["\(self.head.status)"] + self.head.headerFields.lines + [self.body.latin1]).joined(separator: " | ")
    }
}

extension ResponseHold.Reaction {
    fileprivate var line: String {
        switch self {
        case .answer(let answer): answer.line
        case .recover(let channel): "recover \(channel)"
        case .retry: "retry"
        case .skip: ""
        case .failed: "filter failed"
        case .patchFailed: "patch failed"
        }
    }
}
