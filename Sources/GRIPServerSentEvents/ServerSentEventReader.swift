public import NIOCore

/// Reads a stream of server-sent events as browsers do (the HTML standard, section 9.2.6).
///
/// It takes the bytes in whatever pieces they come, and keeps what an event that is not complete has so far.
public struct ServerSentEventReader: Sendable {
    /// An event as a client dispatches it.
    public struct Event: Sendable, Hashable {
        /// The name of the event; `message` where the stream has none.
        public let type: String
        /// What the event says; lines are separated by line feeds.
        public let data: String
        /// The last id that the stream had when the event came; empty where there was none.
        public let lastID: String

        /// Makes an event.
        ///
        /// - Parameters:
        ///   - type: The name of the event.
        ///   - data: What it says.
        ///   - lastID: The last id of the stream.
        public init(type: String = "message", data: String, lastID: String = "") {
            self.type = type
            self.data = data
            self.lastID = lastID
        }
    }

    /// The last id of the stream, for `Last-Event-ID`; empty where there was none.
    ///
    /// It counts from the end of the event in which it stands.
    public private(set) var lastID = ""
    /// After what time the stream wants its client to connect again, or `nil` where it has not said so.
    public private(set) var retry: Duration?

    private let maximumEventSize: Int
    private var line: [UInt8] = []
    private var data: [UInt8]?
    private var type = ""
    private var nextID = ""
    private var size = 0
    /// Whether a line feed that comes next belongs to the line end before it.
    private var skipsLineFeed = false
    private var isAtStart = true

    /// Makes a reader for the beginning of a stream.
    ///
    /// - Parameters:
    ///   - lastID: The last id of the stream before, which the client has sent.
    ///   - maximumEventSize: How many bytes the lines of an event may have, 1 MiB by default.
    public init(lastID: String = "", maximumEventSize: Int = 1_048_576) {
        self.lastID = lastID
        self.nextID = lastID
        self.maximumEventSize = maximumEventSize
    }

    /// Reads what has come.
    ///
    /// - Parameter bytes: The next bytes of the stream.
    /// - Throws: ``ServerSentEventError`` with ``ServerSentEventError/Code/tooLarge`` for an event that is too large. The
    ///   stream cannot be read on.
    /// - Returns: The events that are complete.
    public mutating func read(_ bytes: ByteBuffer) throws(ServerSentEventError) -> [Event] {
        var events: [Event] = []
        for byte in bytes.readableBytesView {
            if self.skipsLineFeed {
                self.skipsLineFeed = false
                if byte == .newline { continue }
            }
            switch byte {
            case .newline, .carriageReturn:
                self.skipsLineFeed = byte == .carriageReturn
                if let event = self.endLine() { events.append(event) }
            default:
                self.size += 1
                guard self.size <= self.maximumEventSize else {
                    throw ServerSentEventError(
                        .tooLarge,
                        "an event has more than \(self.maximumEventSize) bytes; a reader can be made that takes more"
                    )
                }
                self.line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        defer { self.line.removeAll(keepingCapacity: true) }
        if self.isAtStart {
            self.isAtStart = false
            if self.line.starts(with: [0xEF, 0xBB, 0xBF]) { self.line.removeFirst(3) }
        }
        guard !self.line.isEmpty else { return self.dispatch() }
        let colon = self.line.firstIndex(of: .colon) ?? self.line.endIndex
        // A line that begins with a colon is a comment.
        guard colon > 0 else {
            self.size = max(0, self.size - self.line.count)
            return nil
        }
        var value = self.line[min(colon + 1, self.line.endIndex)...]
        if value.first == .space { value = value.dropFirst() }
        self.take(String(decoding: self.line[..<colon], as: UTF8.self), value)
        return nil
    }

    private mutating func take(_ field: String, _ value: ArraySlice<UInt8>) {
        switch field {
        case "event": self.type = String(decoding: value, as: UTF8.self)
        case "data":
            if self.data == nil { self.data = [] } else { self.data?.append(.newline) }
            self.data?.append(contentsOf: value)
        case "id":
            if !value.contains(0) { self.nextID = String(decoding: value, as: UTF8.self) }
        case "retry":
            guard !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }),
                let milliseconds = Int64(String(decoding: value, as: UTF8.self))
            else { return }
            self.retry = .milliseconds(milliseconds)
        default: break
        }
    }

    private mutating func dispatch() -> Event? {
        defer {
            self.data = nil
            self.type = ""
            self.size = 0
        }
        self.lastID = self.nextID
        guard let data = self.data else { return nil }
        return Event(
            type: self.type.isEmpty ? "message" : self.type,
            data: String(decoding: data, as: UTF8.self),
            lastID: self.lastID
        )
    }
}
