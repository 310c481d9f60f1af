import GRIP
import GRIPProxy
import GRIPPublisher
import NIOCore

/// Content as it goes to WebSockets, and as it goes to HTTP clients.
struct PublishContent {
    /// More than proxies take.
    static let limit = 64 * 1024 * 1024

    let plain: GRIPContent
    let forHTTP: GRIPContent

    /// The content as text, empty where it is binary.
    var text: String {
        if case .text(let text) = self.plain { text } else { "" }
    }
}

extension PublishCommand {
    /// Reads the content from where the command line says it is.
    func readContent() throws -> PublishContent {
        guard let file = self.content.file else {
            let text = self.text ?? ""
            return self.content.binary
                ? Self.binary(Array(text.utf8)) : self.text(text, endsLine: !self.content.noEndOfLine)
        }
        let bytes: [UInt8]
        do throws(SmallFile.Failure) {
            bytes =
                try file == "-"
                ? SmallFile.standardInput(limit: PublishContent.limit)
                : SmallFile.bytes(file, limit: PublishContent.limit)
        } catch {
            throw PublishInputError("the content cannot be read from '\(error.path)': \(error.reason)", .noInput)
        }
        guard !self.content.binary else { return Self.binary(bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PublishInputError("the content is not UTF-8 text; give --binary")
        }
        return self.text(text, endsLine: !self.content.noEndOfLine && text.utf8.last != .newline)
    }

    private func text(_ text: String, endsLine: Bool) -> PublishContent {
        PublishContent(plain: .text(text), forHTTP: .text(endsLine ? text + "\n" : text))
    }

    private static func binary(_ bytes: [UInt8]) -> PublishContent {
        let content = GRIPContent.binary(ByteBuffer(bytes: bytes))
        return PublishContent(plain: content, forHTTP: content)
    }
}
