import GRIPEngine
import NIOCore

/// The time as the engine counts it.
enum ProxyClock {
    static var now: EngineTime {
        EngineTime(milliseconds: Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000))
    }

    static func deadline(_ time: EngineTime) -> NIODeadline {
        // Rounded up: who is woken early finds nothing due.
        .uptimeNanoseconds(UInt64(max(0, time.milliseconds)) * 1_000_000 + 999_999)
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
    }
}
