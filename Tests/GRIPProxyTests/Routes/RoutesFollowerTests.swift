import Foundation
import GRIP
import GRIPProxy
import GRIPPublisher
import Logging
import Testing

@Suite("Following a routes file")
struct RoutesFollowerTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func follower(of file: String) -> RoutesFollower {
        var settings = ProxySettings()
        settings.routesFile = file
        return RoutesFollower(settings: settings, logger: Self.logger)
    }

    private static func write(_ text: String, to file: String) throws {
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }

    @Test("A change counts when the file looked the same twice")
    func change() throws {
        try withFiles(["routes": "* a:1"]) { folder throws in
            let file = "\(folder)/routes"
            var follower = Self.follower(of: file)
            #expect(follower.handle(.tick) == nil)
            try Self.write("* b:1\n", to: file)
            #expect(follower.handle(.tick) == nil)
            try Self.write("* b:1\nc d:1\n", to: file)
            #expect(follower.handle(.tick) == nil)
            #expect(follower.handle(.tick) == ["* b:1", "c d:1"])
            #expect(follower.handle(.tick) == nil)
        }
    }

    @Test("On request the file is read at once, and not again for the same change")
    func hangup() throws {
        try withFiles(["routes": "* a:1"]) { folder throws in
            let file = "\(folder)/routes"
            var follower = Self.follower(of: file)
            #expect(follower.handle(.hangup) == ["* a:1"])
            try Self.write("* b:1", to: file)
            #expect(follower.handle(.tick) == nil)
            #expect(follower.handle(.hangup) == ["* b:1"])
            #expect(follower.handle(.tick) == nil)
            #expect(follower.handle(.tick) == nil)
        }
    }

    @Test("A file with an error, or none, changes nothing; the corrected one does")
    func errors() throws {
        try withFiles(["routes": "* a:1"]) { folder throws in
            let file = "\(folder)/routes"
            var follower = Self.follower(of: file)
            try Self.write("* b:1\n* nonsense", to: file)
            #expect(follower.handle(.hangup) == nil)
            try FileManager.default.removeItem(atPath: file)
            #expect(follower.handle(.tick) == nil)
            #expect(follower.handle(.hangup) == nil)
            try Self.write("* b:1", to: file)
            #expect(follower.handle(.tick) == nil)
            #expect(follower.handle(.tick) == ["* b:1"])
        }
    }

    @Test("Without a file there is nothing to do")
    func noFile() {
        var follower = RoutesFollower(settings: ProxySettings(), logger: Self.logger)
        #expect(follower.handle(.tick) == nil)
        #expect(follower.handle(.hangup) == nil)
    }

    @Test("While the service runs, a change reaches the proxy")
    func service() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("grip-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let file = folder.appendingPathComponent("routes").path
        try Self.write("* a:1", to: file)
        var settings = ProxySettings()
        settings.routesFile = file
        let (reloads, source) = AsyncStream.makeStream(of: [GRIPRouteLine].self)
        let service = RoutesFileService(settings: settings, interval: .milliseconds(1), logger: Self.logger) { lines in
            source.yield(lines)
        }
        let task = Task { try await service.run() }
        try Self.write("* b:1", to: file)
        var iterator = reloads.makeAsyncIterator()
        #expect(await iterator.next() == ["* b:1"])
        task.cancel()
        try await task.value
        try FileManager.default.removeItem(at: folder)
    }

    @Test("Whatever happens to a file, only settled changes are read, and the last one always is")
    func randomWalk() {
        var generator = SplitMix64(seed: 5)
        var detector = FileChangeDetector(nil)
        var file: SmallFile.Stamp?
        var history: [SmallFile.Stamp?] = []
        var read: SmallFile.Stamp?
        for step in 0..<10_000 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: file = .init(modified: [step], size: 1, identity: 1)
            case 1 where Bool.random(using: &generator): file = nil
            default: break
            }
            history.append(file)
            let isSettled = history.count >= 2 && history[history.count - 2] == file
            let isRead = detector.observe(file)
            #expect(isRead == (file != nil && isSettled && file != read))
            if isRead { read = file }
        }
    }
}
