import Foundation
import NIOHTTP1
import TestSupport

/// A browser that a test drives as a user would.
///
/// Exists only inside ``withBrowser(_:)``.
struct Browser: Sendable {
    struct Window: Sendable, Hashable {
        fileprivate var handle: String
    }

    struct Element: Sendable {
        fileprivate var session: WebDriverSession
        fileprivate var identifier: String

        func type(_ text: String) async throws {
            try await session.post("element/\(identifier)/value", ["text": text])
        }

        func click() async throws {
            try await session.post("element/\(identifier)/click")
        }

        func text() async throws -> String {
            try await session.get("element/\(identifier)/text")
        }
    }

    fileprivate var session: WebDriverSession

    func open(_ url: String) async throws {
        try await session.post("url", ["url": url])
    }

    func title() async throws -> String {
        try await session.get("title")
    }

    /// The first element that matches a CSS selector.
    func element(_ selector: String) async throws -> Element {
        let found: [String: String] = try await session.post("element", ["using": "css selector", "value": selector])
        guard let identifier = found.values.first else { throw WebDriverSession.Failure("no element \(selector)") }
        return Element(session: session, identifier: identifier)
    }

    /// Runs the body of a function and gives what it returns; the arguments are `arguments[0]` and so on.
    func run<Value: Decodable & Sendable>(
        _ script: String,
        _ arguments: [String] = [],
        as type: Value.Type = String.self
    ) async throws -> Value {
        try await session.execute("execute/sync", script, arguments)
    }

    /// As ``run(_:_:as:)``, with a function as the last of the arguments that is called with what to give.
    func runAsync<Value: Decodable & Sendable>(
        _ script: String,
        _ arguments: [String] = [],
        as type: Value.Type = String.self
    ) async throws -> Value {
        try await session.execute("execute/async", script, arguments)
    }

    /// Waits until a JavaScript expression is true, looking again whenever the document changes.
    func waitUntil(_ condition: String, within limit: Duration = .seconds(60)) async throws {
        let script = """
            const [limit, done] = [Number(arguments[0]), arguments[1]];
            const holds = () => { return (\(condition)); };
            const finish = (outcome) => { observer.disconnect(); clearTimeout(timer); done(outcome); };
            const look = () => { if (holds()) finish("true"); };
            const observer = new MutationObserver(look);
            const timer = setTimeout(() => finish(document.documentElement.innerText), limit);
            observer.observe(document, {attributes: true, characterData: true, childList: true, subtree: true});
            look();
            """
        let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) / 1e18
        let outcome = try await runAsync(script, ["\(Int(seconds * 1000))"])
        if outcome != "true" { throw TimedOut("\(condition) is not true after \(limit); the page:\n\(outcome)") }
    }

    func currentWindow() async throws -> Window {
        Window(handle: try await session.get("window"))
    }

    /// Opens a further window; it becomes the current one only by ``switchTo(_:)``.
    func newWindow() async throws -> Window {
        let answer: [String: String] = try await session.post("window/new", ["type": "window"])
        guard let handle = answer["handle"] else { throw WebDriverSession.Failure("no window: \(answer)") }
        return Window(handle: handle)
    }

    func switchTo(_ window: Window) async throws {
        try await session.post("window", ["handle": window.handle])
    }
}

/// Runs a headless Chromium with a profile of its own.
func withBrowser<Result: Sendable>(_ body: (Browser) async throws -> Result) async throws -> Result {
    let driver = try Peers.chromedriver.path()
    let chromium = try Peers.chromium.path()
    let port = try await FreePort.next()
    return try await withTemporaryFolder { folder in
        // The profile, caches and sockets go where the end of the test removes them.
        let environment = ["TMPDIR": folder.path, "HOME": folder.path]
        return try await withChildProcess(driver, ["--port=\(port)"], environment: environment) { process in
            try await process.waitUntilListening(port: port)
            let session: WebDriverSession
            do {
                session = try await .open(port: port, chromium: chromium)
            } catch {
                throw process.failure("opens no session: \(error)")
            }
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(Browser(session: session)))
            } catch {
                result = .failure(error)
            }
            // A task of its own, as a cancelled one could not close the browser.
            try await Task { try await session.close() }.value
            return try result.get()
        }
    }
}
