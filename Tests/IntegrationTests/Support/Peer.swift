import Foundation
import Testing

/// A foreign program the integration tests run against.
///
/// Where it is missing, its tests are skipped and say what to install; but not on a CI machine (environment variable
/// `CI`), where a test that is silently not run would be taken for one that passed.
struct Peer: Sendable {
    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    static let isCI = !(ProcessInfo.processInfo.environment["CI"] ?? "").isEmpty

    var name: String
    /// Names the program goes by, in order of preference.
    var programs: [String]
    var advice: String

    var isInstalled: Bool { located != nil }
    var isUsable: Bool { isInstalled || Peer.isCI }

    /// The full path of the program.
    func path() throws -> String {
        guard let located else { throw Missing(description: "\(name) is not installed: \(advice)") }
        return located
    }

    private var located: String? {
        let search = ProcessInfo.processInfo.environment["PATH"] ?? ""
        // Debian keeps servers in folders that are not on everyone's PATH.
        let folders = search.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin", "/opt/homebrew/bin"]
        for program in programs {
            for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(program)") {
                return "\(folder)/\(program)"
            }
        }
        return nil
    }
}

enum Peers {
    static let pushpin = Peer(
        name: "Pushpin",
        programs: ["pushpin"],
        advice: "apt-get install pushpin, or brew install pushpin"
    )
    static let chromedriver = Peer(
        name: "ChromeDriver",
        programs: ["chromedriver"],
        advice: "apt-get install chromium-driver, or brew install chromedriver"
    )
    static let chromium = Peer(
        name: "Chromium",
        programs: ["chromium", "chromium-browser", "google-chrome"],
        advice: "apt-get install chromium, or brew install chromium"
    )
    static let nats = Peer(
        name: "NATS",
        programs: ["nats-server"],
        advice: "apt-get install nats-server, or brew install nats-server"
    )
    static let python = Peer(
        name: "Python",
        programs: ["python3"],
        advice: "apt-get install python3-venv, or let GRIP_TEST_PYTHON name an interpreter"
    )
}

extension Trait where Self == ConditionTrait {
    static var needsPushpin: Self { needs(Peers.pushpin) }
    static var needsNATS: Self { needs(Peers.nats) }
    static var needsPython: Self { needs(Peers.python) }
    static var needsBrowser: Self {
        .enabled(
            if: Peers.chromedriver.isUsable && Peers.chromium.isUsable,
            "\(Peers.chromedriver.advice); \(Peers.chromium.advice)"
        )
    }

    private static func needs(_ peer: Peer) -> Self {
        .enabled(if: peer.isUsable, "\(peer.name) is not installed: \(peer.advice)")
    }
}
