import GRIPEngine
import HTTPTypes
import NIOCore

/// Where the response to one request goes, whatever the version of HTTP.
protocol ResponseSink: AnyObject {
    /// Whether the client takes more.
    var isWritable: Bool { get }
    /// Whether many writes may wait, however few bytes they have.
    var hasManyWrites: Bool { get }
    /// What waits for the client to take it, in bytes.
    var pendingByteCount: Int { get }
    func begin(_ head: HTTPResponse, _ length: BodyLength)
    func write(_ bytes: ByteBuffer)
    /// Writes what an item says, in the frames that were made for all.
    func write(_ delivery: Delivery)
    func end(_ trailers: PassedTrailers?)
    func flush()
    /// Ends the connection so that the client sees that the response is not complete.
    func abort()
    /// Says whether more of the request is wanted.
    func setReading(_ isReading: Bool)
}
