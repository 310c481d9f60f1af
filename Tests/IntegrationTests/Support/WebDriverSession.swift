import Foundation
import NIOHTTP1

/// A session with a WebDriver server (https://www.w3.org/TR/webdriver2/): JSON over HTTP.
struct WebDriverSession: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String

        init(_ description: String) {
            self.description = description
        }
    }

    private struct Script: Encodable {
        var script: String
        var args: [String]
    }

    private struct Answer<Value: Decodable>: Decodable {
        var value: Value
    }

    /// What a command without a result answers: null, or something nobody asked for.
    private struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }

    private struct NewSession: Codable {
        var sessionId: String
    }

    fileprivate var url: String

    static func open(port: Int, chromium: String) async throws -> WebDriverSession {
        let server = "http://127.0.0.1:\(port)/session"
        let arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
        ]
        let options: [String: Any] = ["binary": chromium, "args": arguments]
        let wanted: [String: Any] = ["timeouts": ["script": 120_000], "goog:chromeOptions": options]
        let body = try JSONSerialization.data(withJSONObject: ["capabilities": ["alwaysMatch": wanted]])
        let created: NewSession = try await send(server, .POST, body)
        return WebDriverSession(url: "\(server)/\(created.sessionId)")
    }

    func close() async throws {
        let _: Anything = try await WebDriverSession.send(url, .DELETE, nil)
    }

    func get<Value: Decodable>(_ command: String) async throws -> Value {
        try await WebDriverSession.send("\(url)/\(command)", .GET, nil)
    }

    func post<Value: Decodable>(_ command: String, _ parameters: [String: String] = [:]) async throws -> Value {
        try await WebDriverSession.send("\(url)/\(command)", .POST, JSONEncoder().encode(parameters))
    }

    func post(_ command: String, _ parameters: [String: String] = [:]) async throws {
        let _: Anything = try await post(command, parameters)
    }

    func execute<Value: Decodable>(_ command: String, _ script: String, _ arguments: [String]) async throws -> Value {
        let body = try JSONEncoder().encode(Script(script: script, args: arguments))
        return try await WebDriverSession.send("\(url)/\(command)", .POST, body)
    }

    private static func send<Value: Decodable>(
        _ url: String,
        _ method: HTTPMethod,
        _ body: Data?
    ) async throws -> Value {
        let headers: HTTPHeaders = body == nil ? [:] : ["Content-Type": "application/json"]
        let content = body.map { String(decoding: $0, as: UTF8.self) }
        let response = try await fetch(url, method, headers: headers, body: content, within: .seconds(120))
        guard response.status == .ok else { throw Failure("\(method) \(url): \(response.status) \(response.body)") }
        return try JSONDecoder().decode(Answer<Value>.self, from: Data(response.body.utf8)).value
    }
}
