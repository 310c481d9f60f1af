import Synchronization
import Testing

/// An origin with numbered events: a stream, a long poll and their pages have those that come after the last one that is
/// known.
final class EventOrigin: Sendable {
    private let number = Mutex(0)

    /// Adds an event.
    func append() -> Int {
        self.number.withLock { number in
            number += 1
            return number
        }
    }

    func serve(_ connection: inout TestConnection) async throws {
        while let head = try await connection.requestHead() {
            let last = head.firstMatch(of: #/\r\nGrip-Last: a; last-id=(\d+)\r\n/#).flatMap { Int($0.1) }
            let number = self.number.withLock { $0 }
            let new = last.map { $0 < number ? Array(($0 + 1)...number) : [] } ?? []
            let body = new.map { "event \($0)\n" }.joined()
            if head.hasPrefix("GET /poll") {
                let known = head.firstMatch(of: #/GET /poll\?after=(\d+) /#).flatMap { Int($0.1) } ?? 0
                let after = max(last ?? known, known)
                guard after == number else {
                    let body = ((after + 1)...number).map { "event \($0)\n" }.joined()
                    try await connection.respond("200 OK", [], body)
                    continue
                }
                try await connection.respond(
                    "200 OK",
                    ["Grip-Hold: response", "Grip-Timeout: 300", "Grip-Channel: a; prev-id=\(number)"]
                )
            } else {
                try await connection.respond(
                    "200 OK",
                    [
                        "Grip-Hold: stream", "Grip-Channel: a; prev-id=\(number)",
                        "Grip-Link: </stream>; rel=next; timeout=300",
                    ],
                    last == nil ? "[open \(number)]\n" : body
                )
            }
        }
    }
}
