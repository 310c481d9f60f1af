import ArgumentParser
import GRIP
import GRIPProxy
import HTTPTypes
import NIOCore

extension PublishCommand {
    /// The transports that an item can be for.
    enum FormatName: CaseIterable {
        case response, stream, webSocket

        var option: String {
            switch self {
            case .response: "--response"
            case .stream: "--stream"
            case .webSocket: "--ws"
            }
        }
    }

    /// The option that not all formats have.
    private var restriction: String {
        if self.content.patch { return "--patch" }
        if self.action.refresh { return "--refresh" }
        if self.action.hint { return "--hint" }
        return self.action.close ? "--close" : "--ws-type"
    }

    /// Those that were asked for, or all that make sense.
    func formatNames() throws -> [FormatName] {
        var possible = FormatName.allCases
        if self.action.close { possible = [.stream, .webSocket] }
        if self.action.hint { possible = [.response, .stream] }
        if self.action.refresh || self.content.webSocketType != nil { possible = [.webSocket] }
        if self.content.patch { possible = [.response] }
        var wanted: [FormatName] = []
        if self.formats.response { wanted.append(.response) }
        if self.formats.stream { wanted.append(.stream) }
        if self.formats.webSocket { wanted.append(.webSocket) }
        // A type of WebSocket messages says nothing about the other formats, when those are wanted too.
        if self.content.webSocketType != nil, wanted.contains(.webSocket) { return wanted }
        guard wanted.allSatisfy(possible.contains) else {
            let names = possible.map(\.option).joined(separator: " and ")
            throw ValidationError(
                "\(self.restriction) cannot be done for each format that is asked for; it is for \(names)"
            )
        }
        return wanted.isEmpty ? possible : wanted
    }

    /// The item that the command line describes.
    func makeItem() throws -> GRIPItem {
        var meta: [String: String] = [:]
        for text in self.item.meta {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw PublishInputError("--meta needs a name, an equals sign and a value, as in 'user=ann'")
            }
            meta[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        for (option, text) in [("--id", self.item.id), ("--prev-id", self.item.previousID)] {
            guard text?.utf8.contains(where: { $0 == .newline || $0 == .carriageReturn }) != true else {
                throw PublishInputError("\(option) contains line ends, which no header can carry")
            }
        }
        return try GRIPItem(
            try self.makeFormats(),
            id: self.item.id,
            previousID: self.item.previousID,
            sender: self.item.sender,
            meta: meta,
            skipsSequencing: self.item.skipsSequencing
        )
    }

    private func makeFormats() throws -> [GRIPFormat] {
        let names = try self.formatNames()
        if self.action.hint { return names.map { $0 == .response ? .httpResponseHint : .httpStreamHint } }
        if self.action.refresh { return [.webSocketRefresh] }
        if self.action.close {
            let close = try self.action.closeCode.map { code in
                try WebSocketClose(WebSocketCloseCode(code), reason: self.action.closeReason ?? "")
            }
            return names.map { $0 == .stream ? .httpStreamClose : .webSocketClose(close) }
        }
        let content = try self.readContent()
        return try names.map { try self.format($0, of: content) }
    }

    private func format(_ name: FormatName, of content: PublishContent) throws -> GRIPFormat {
        let filters = try self.content.contentFilter.map { name in try GRIPFilter(name) }
        let requiredFilters = filters.isEmpty ? nil : filters
        switch name {
        case .stream:
            return .httpStream(content.forHTTP, contentFilters: requiredFilters)
        case .response:
            guard (100...999).contains(self.content.code) else {
                throw PublishInputError("--code is \(self.content.code), but a status is a number from 100 to 999")
            }
            let status = HTTPResponse.Status(code: self.content.code)
            let headers = try self.responseHeaders()
            if self.content.patch {
                return .httpResponse(patching: try Self.patch(content.text), status: status, headers: headers)
            }
            return .httpResponse(content.forHTTP, status: status, headers: headers, contentFilters: requiredFilters)
        case .webSocket:
            switch self.content.webSocketType {
            case .ping: return try .webSocketPing(content.plain)
            case .pong: return try .webSocketPong(content.plain)
            case .binary: return .webSocketMessage(.binary(content.plain.bytes), contentFilters: requiredFilters)
            case .text, nil: return .webSocketMessage(content.plain, contentFilters: requiredFilters)
            }
        }
    }

    private static func patch(_ text: String) throws(PublishInputError) -> GRIPJSONPatch {
        do throws(GRIPError) {
            return try GRIPJSONPatch(json: text)
        } catch {
            let located = JSONParser.located(error, in: text)
            let place = located.map { ", line \($0.line), column \($0.column)" } ?? ""
            throw PublishInputError(
                "the content for --patch is no JSON patch\(place): \(located?.reason ?? error.reason)"
            )
        }
    }

    private func responseHeaders() throws -> HTTPFields {
        var fields = HTTPFields()
        for text in self.content.header {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1].trimmingASCIIWhitespace()) : ""
            guard parts.count == 2, let name = HTTPField.Name(String(parts[0].trimmingASCIIWhitespace())),
                HTTPField.isValidValue(value)
            else { throw PublishInputError("--header needs a name, a colon and a value, as in 'ETag: \"1\"'") }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }
}
