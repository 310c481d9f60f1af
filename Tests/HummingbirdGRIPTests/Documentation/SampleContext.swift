import Hummingbird
import NIOCore
import Synchronization

/// The storage that the samples about streams take for granted.
final class SampleLog: Sendable {
    private let entries = Mutex<[String]>([])

    func append(_ text: String) -> (id: String, previousID: String) {
        self.entries.withLock { entries in
            entries.append(text)
            return ("\(entries.count)", "\(entries.count - 1)")
        }
    }

    func entries(after id: String) -> (text: String, lastID: String) {
        self.entries.withLock { entries in
            let new = entries.dropFirst(Int(id) ?? 0)
            return (new.map { "\($0)\n" }.joined(), "\(entries.count)")
        }
    }
}

/// The object that the samples about long-polling take for granted.
final class SampleObject: Sendable {
    struct Version: Sendable {
        var number = 1
        var text = "hello"

        var id: String { "v\(self.number)" }
        var etag: String { "\"\(self.id)\"" }
        var response: Response {
            Response(
                status: .ok,
                headers: [.eTag: self.etag],
                body: .init(byteBuffer: ByteBuffer(string: "\(self.text)\n"))
            )
        }
    }

    private let state = Mutex(Version())

    var current: Version { self.state.withLock { $0 } }

    func change(to text: String) -> (before: Version, after: Version) {
        self.state.withLock { version in
            let before = version
            version = Version(number: before.number + 1, text: text)
            return (before, version)
        }
    }
}

/// The users that the samples about WebSockets take for granted.
struct SampleUsers: Sendable {
    func user(for request: Request) -> String? { request.headers[.authorization] }
}

/// The rooms that the samples about WebSockets take for granted.
final class SampleRooms: Sendable {
    private let messages = Mutex<[String: [String]]>([:])

    func history(of room: String) -> [String] { self.messages.withLock { $0[room, default: []] } }

    func write(_ text: String, in room: String) -> String {
        self.messages.withLock { messages in
            let message = "\(messages[room, default: []].count + 1): \(text)"
            messages[room, default: []].append(message)
            return message
        }
    }
}

/// Who is there, as far as the samples about WebSockets have to know.
final class SamplePresence: Sendable {
    private let gone = Mutex<[String]>([])

    var left: [String] { self.gone.withLock { $0 } }

    func left(_ id: String) { self.gone.withLock { $0.append(id) } }
}
