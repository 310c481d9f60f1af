import GRIP
import GRIPAdapter
import GRIPPublisher
import GRIPTesting
import HTTPTypes
import NIOCore
import Testing

@Suite struct GRIPOriginTests {
    private func finish(
        _ instruction: GRIPInstruction,
        status: HTTPResponse.Status = .ok,
        isProxied: Bool = true,
        configure: (inout GRIPConfiguration) -> Void = { _ in }
    ) throws -> HTTPResponse {
        let proxy = GRIPTestProxy()
        var configuration = try proxy.configuration
        configure(&configuration)
        let origin = try GRIPOrigin(configuration, publisher: RecordingPublisher())
        let state = origin.inspect(GRIPRequest(fields: isProxied ? try proxy.fields() : [:]))
        var response = HTTPResponse(status: status, headerFields: [.contentType: "text/plain"])
        instruction.write(to: &response.headerFields)
        try origin.finish(&response, for: state)
        return response
    }

    @Test func notModifiedStaysWithoutAHold() throws {
        let response = try self.finish(GRIPInstruction(channels: ["a"]), status: .notModified)
        #expect(response.status == .notModified)
        #expect(response.headerFields[.gripStatus] == nil)
    }

    @Test func aStatusOfTheHandlersOwnIsKept() throws {
        let instruction = GRIPInstruction.response(on: "a").with(status: .gone)
        let response = try self.finish(instruction, status: .notModified)
        #expect(response.status == .ok)
        #expect(response.headerFields[.gripStatus] == "410 Gone")
    }

    @Test func aRefusalIsForTheInstructionAndNotForTheRequest() throws {
        #expect(throws: GRIPRefusal.self) {
            try self.finish(.stream(on: "a"), isProxied: false, configure: { $0.isProxyRequired = true })
        }
        let response = try self.finish(.stream(on: "a"), isProxied: false)
        #expect(response.headerFields == [.contentType: "text/plain"])
    }

    @Test func withoutProxiesNothingIsProxied() throws {
        let origin = try GRIPOrigin(GRIPConfiguration(), publisher: RecordingPublisher())
        let state = origin.inspect(GRIPRequest(fields: try GRIPTestProxy().fields(lastIDs: ["a": "1"])))
        #expect(!state.isProxied && !state.isSigned && !state.needsSignature)
        #expect(state.features.isEmpty && state.lastIDs.isEmpty)
    }

    @Test(arguments: [true, false])
    func idsWithLineEndsAreRefused(isEmbedded: Bool) async throws {
        let origin = try GRIPOrigin(GRIPConfiguration(), publisher: RecordingPublisher())
        if isEmbedded { _ = try origin.embed() }
        let error = await #expect(throws: GRIPError.self) {
            try await origin.publish(.httpStream("x"), to: "test", id: "1\n2")
        }
        #expect(error?.code == .item)
        await #expect(throws: GRIPError.self) {
            try await origin.publish(.httpStream("x"), to: "test", previousID: "\r", countingDeliveries: true)
        }
        #expect(!origin.enqueue(.httpStream("x"), to: "test", id: "1\n2"))
    }

    @Test func publishingGoesToThePublisher() async throws {
        let publisher = RecordingPublisher()
        let origin = try GRIPOrigin(GRIPConfiguration(), publisher: publisher)
        try await origin.publish(.httpStream("hi\n"), to: "test", id: "2", previousID: "1")
        origin.enqueue(.webSocketMessage("ws"), to: "test")
        let items = publisher.publications(to: "test").map(\.item)
        #expect(items.map(\.id) == ["2", nil])
        #expect(items.first?.httpStream?.action == .send("hi\n"))
        #expect(items.last?.webSocketMessage?.action == .send(.text, "ws"))

        publisher.fail(with: GRIPPublishFailure(.timeout, "too late", mayHaveBeenPublished: true))
        await #expect(throws: GRIPPublishError.self) { try await origin.publish(.httpStream("no"), to: "test") }
        #expect(publisher.publications.count == 2)
    }

    @Test func withoutProxiesPublishingFailsLoudly() async throws {
        let origin = try GRIPOrigin(GRIPConfiguration())
        await #expect(throws: (any Error).self) { try await origin.publish(.httpStream("lost"), to: "test") }
    }

    @Test func aBadVerifyKeyIsAnErrorAtTheStart() throws {
        var configuration = GRIPConfiguration()
        configuration.proxies = [
            try .pushpin(verifyKey: GRIPKey("-----BEGIN PUBLIC KEY-----\nnone\n-----END PUBLIC KEY-----"))
        ]
        #expect(throws: GRIPError.self) { try GRIPOrigin(configuration) }
    }
}
