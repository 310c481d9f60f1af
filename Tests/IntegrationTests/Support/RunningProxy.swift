/// A proxy of its own for one test.
///
/// Exists only inside ``withProxy(_:originPort:settings:_:)`` and the functions for one kind of proxy.
struct RunningProxy: Sendable {
    /// Where clients connect.
    var httpPort: Int
    /// Where messages are published by HTTP.
    var controlPort: Int
    var process: ChildProcess

    var url: String { "http://127.0.0.1:\(httpPort)" }
    var controlURL: String { "http://127.0.0.1:\(controlPort)" }
}
