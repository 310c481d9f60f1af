import GRIP
import GRIPEngine
import NIOCore
import Testing

/// What a client and the channels of its connection see, and whether that makes sense.
struct ClientSideModel {
    enum Phase {
        case waiting
        case open
        /// It was sent a Close frame.
        case closed
        case gone
    }

    private(set) var phase = Phase.waiting
    private(set) var subscriptions: Set<String> = []
    private(set) var isPaused = false
    private(set) var isFinished = false
    /// Whether a message was begun and not ended.
    private(set) var isMidMessage = false

    let implicitChannels: [String]
    let maximumSubscriptions: Int

    init(implicitChannels: [String], maximumSubscriptions: Int) {
        self.implicitChannels = implicitChannels
        self.maximumSubscriptions = maximumSubscriptions
    }

    /// The client's connection breaks.
    mutating func lose() { self.phase = .gone }

    /// Takes an action, of which those about the origin are not looked at.
    mutating func perform(_ action: WebSocketRelayAction) {
        #expect(!self.isFinished, "\(action.line) after the end")
        switch action {
        case .accept, .reject, .fail:
            #expect(self.phase == .waiting, "\(action.line)")
            if case .accept = action { self.phase = .open } else { self.phase = .gone }
        case .send(let frame):
            #expect(self.phase == .open, "\(action.line)")
            self.take(frame)
        case .close:
            #expect(self.phase == .open)
            self.phase = .closed
        case .drop:
            #expect(self.phase != .gone)
            self.phase = .gone
        case .subscribe(let channel, _, _):
            #expect(self.phase == .open)
            self.subscriptions.insert(channel)
            #expect(self.subscriptions.count <= self.maximumSubscriptions)
        case .unsubscribe(let channel):
            #expect(self.phase == .open)
            #expect(self.subscriptions.remove(channel) != nil)
            #expect(!self.implicitChannels.contains(channel))
        case .pauseReading, .resumeReading:
            #expect(self.phase == .open || self.phase == .closed)
            #expect(self.isPaused == (action == .resumeReading))
            self.isPaused.toggle()
        case .finished:
            #expect(self.phase == .gone)
            self.isFinished = true
        case .leftOut(let channel):
            #expect(self.phase == .open)
            #expect(!self.subscriptions.contains(channel))
            #expect(self.subscriptions.count == self.maximumSubscriptions)
        case .overflowed: #expect(self.phase == .open)
        case .note, .request, .sendToOrigin, .closeOrigin, .dropOrigin: break
        }
    }

    /// Takes a message that was written without an action.
    mutating func write(isControl: Bool) {
        #expect(self.phase == .open)
        #expect(isControl || !self.isMidMessage)
    }

    private mutating func take(_ frame: WebSocketOutgoingFrame) {
        switch frame.opcode {
        case .ping, .pong: #expect(frame.payload.readableBytes <= 125)
        case .text, .binary:
            #expect(!self.isMidMessage, "a message inside another")
            self.isMidMessage = !frame.isFinal
        case .continuation:
            #expect(self.isMidMessage, "nothing to continue")
            self.isMidMessage = !frame.isFinal
        }
    }
}
