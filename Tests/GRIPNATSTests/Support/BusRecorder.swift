import GRIP
import GRIPNATS

/// A receiver that remembers everything.
final class BusRecorder: GRIPBusReceiver {
    enum Event: Sendable, Hashable {
        case publication(channel: String, GRIPItem)
        case missed(GRIPBusGap)
        case state(GRIPBusState)

        /// The text of an item, as tests publish it.
        var text: String? {
            guard case .publication(_, let item) = self else { return nil }
            return item.id
        }
    }

    let events = Recorder<Event>()

    func receive(_ publications: [GRIPPublication]) {
        for publication in publications {
            self.events.record(.publication(channel: publication.channel.name, publication.item))
        }
    }

    func missed(_ gap: GRIPBusGap) { self.events.record(.missed(gap)) }

    func stateChanged(_ state: GRIPBusState) { self.events.record(.state(state)) }

    var texts: [String] { self.events.elements.compactMap(\.text) }

    var gaps: [GRIPBusGap] {
        self.events.elements.compactMap { if case .missed(let gap) = $0 { gap } else { nil } }
    }

    func waitUntilConnected(times: Int = 1) async throws {
        _ = try await self.events.wait { $0.count { $0 == .state(.connected) } >= times }
    }

    func wait(forText text: String) async throws { _ = try await self.events.wait { $0.contains { $0.text == text } } }
}

/// Runs a bus while `body` runs.
func withBus<Result: Sendable>(
    _ url: String,
    isConnected: Bool = true,
    attending channels: [String] = [],
    _ body: (GRIPNATSBus, BusRecorder) async throws -> Result
) async throws -> Result {
    let bus = try GRIPNATSBus(GRIPNATSConfiguration(url: url), prefix: "test")
    let recorder = BusRecorder()
    if !channels.isEmpty { bus.attend(channels) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await bus.run(recorder) }
        if isConnected { try await recorder.waitUntilConnected() }
        let result = try await body(bus, recorder)
        group.cancelAll()
        try await group.waitForAll()
        return result
    }
}

extension GRIPNATSBus {
    /// Publishes an item whose id is a text.
    @discardableResult
    func publish(_ text: String, to channel: String) -> GRIPBusAcceptance {
        let item = GRIPItem(.httpStream(text), id: text)
        return self.publish([GRIPPublication(item, to: GRIPChannel(unchecked: channel))])
    }
}
