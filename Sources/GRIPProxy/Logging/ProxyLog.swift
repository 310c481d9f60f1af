import GRIP
import GRIPEngine
import Logging
import Synchronization

/// Where the proxy tells operators what they need to know.
///
/// All that it logs while it serves goes through here, because much of it can be caused by anybody and as often as they
/// like: equal lines are limited in rate, what was left out is counted, and texts are cut.
final class ProxyLog: Sendable {
    /// How many bytes a message has at most besides a text in it.
    private static let maximumWords = 768

    /// What makes lines equal: what happened, and to which route, origin, channel and so on.
    struct Line: Sendable, Hashable {
        var kind: Kind
        var subject: String
    }

    /// What happened.
    struct Kind: Sendable, Hashable, CustomStringConvertible {
        /// A few words that stand in the line about those that were left out.
        let description: String

        init(_ description: String) { self.description = description }
    }

    private let logger: Logger
    private let textLimit: Int
    private let leftOut = Atomic(0)
    private let cuts = Atomic(0)
    private let limiter: Mutex<LogLimiter<Line>>

    init(_ logger: Logger, limits: GRIPProxyServerConfiguration.Limits = .init()) {
        self.logger = logger
        // Far more than anybody writes to a log; the sum of this and the rest of a line has to be a number.
        self.textLimit = min(limits.logText, 1 << 30)
        var rate = LogLimiter<Line>.Rate()
        rate.lines = limits.logLines
        rate.interval = limits.logInterval
        self.limiter = Mutex(LogLimiter(rate))
    }

    /// How many lines were left out since the proxy began.
    var leftOutCount: Int { self.leftOut.load(ordering: .relaxed) }

    /// How many texts were cut since the proxy began.
    var cutCount: Int { self.cuts.load(ordering: .relaxed) }

    /// A text of a client, an origin or a publisher, as a line may hold it.
    func cut(_ text: some StringProtocol) -> String {
        if text.utf8.count > self.textLimit { self.cuts.wrappingAdd(1, ordering: .relaxed) }
        return LogText.cut(text, to: self.textLimit)
    }

    /// The path of a request target, as a line may hold it.
    func path(_ target: some StringProtocol) -> String { self.cut(LogText.wholePath(target)) }

    /// Writes a line, unless there were too many of the same.
    ///
    /// - Parameters:
    ///   - level: Who needs to know.
    ///   - kind: What happened.
    ///   - subject: What it happened to, so that a line about one thing does not hide that about another. A client must
    ///     not be able to choose it.
    ///   - message: The line: what was wrong, where, and what to do. It holds no secret.
    ///   - metadata: What programs look for in it.
    func write(
        _ level: Logger.Level,
        _ kind: Kind,
        about subject: @autoclosure () -> String = "",
        _ message: @autoclosure () -> String,
        _ metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        guard self.logger.logLevel <= level else { return }
        let line = Line(kind: kind, subject: LogText.cut(subject()))
        let decision = self.limiter.withLock { $0.decide(line, at: ProxyClock.now) }
        guard case .write(let leftOut) = decision else {
            self.leftOut.wrappingAdd(1, ordering: .relaxed)
            return
        }
        var metadata = metadata().mapValues(self.cut)
        if leftOut > 0 { metadata["grip.left_out"] = "\(leftOut)" }
        let text = LogText.cut(message(), to: Self.maximumWords + self.textLimit)
        self.logger.log(level: level, "\(text)", metadata: metadata)
    }

    /// Tells how many lines were left out of late, where no line of the same kind has told it.
    func tellLeftOut() {
        for leftOut in self.limiter.withLock({ $0.takeLeftOut(at: ProxyClock.now) }) {
            let lines = leftOut.count == 1 ? "1 line was" : "\(leftOut.count) lines were"
            let kind = leftOut.key.map { ": \($0.kind)" } ?? ""
            let subject = leftOut.key.flatMap { $0.subject.isEmpty ? nil : " (\($0.subject))" } ?? ""
            self.logger.notice("\(lines) left out\(kind)\(subject)", metadata: ["grip.left_out": "\(leftOut.count)"])
        }
    }

    private func cut(_ value: Logger.MetadataValue) -> Logger.MetadataValue {
        switch value {
        case .string(let text): .string(self.cut(text))
        case .stringConvertible(let value): .string(self.cut(value.description))
        case .array(let values): .array(values.map(self.cut))
        case .dictionary(let values): .dictionary(values.mapValues(self.cut))
        }
    }
}

extension ProxyLog.Kind {
    static let noRoute = Self("requests without a route")
    static let badRequest = Self("requests that cannot be read")
    static let originFailed = Self("failures of an origin")
    static let originDown = Self("origins that cannot be reached")
    static let originUp = Self("origins that can be reached again")
    static let badInstruction = Self("instructions that are not valid")
    static let badResponse = Self("responses that cannot be used")
    static let channelLeftOut = Self("channels over the limit")
    static let streamEnded = Self("streams that ended")
    static let itemLeftOut = Self("items that were left out")
    static let clientTimedOut = Self("clients that took too long")
    static let clientOverflowed = Self("clients that do not keep up")
    static let webSocketFailed = Self("WebSockets that ended")
    static let pagesSlowedDown = Self("streams with many pages")
    static let linkFailed = Self("links that failed")
    static let busChanged = Self("changes of the bus")
    static let busRefused = Self("items that the bus did not take")
    static let busMissed = Self("items of other instances that may be missing")
    static let presenceMessage = Self("messages about presence that are ignored")
    static let controlRefused = Self("requests to the control API that were refused")
    static let unsigned = Self("requests that go out unsigned")
}
