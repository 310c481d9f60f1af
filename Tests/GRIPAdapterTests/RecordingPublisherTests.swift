import GRIP
import GRIPAdapter
import GRIPPublisher
import GRIPTesting
import ServiceLifecycle
import Testing

@Suite struct RecordingPublisherTests {
    private let publisher = RecordingPublisher()

    @Test func whatIsPublishedToSeveralChannelsIsFoundUnderEach() async throws {
        let result = try await self.publisher.publish(.httpStream("hi"), to: "a", "b")
        #expect(result.outcomes.map(\.accepted) == [2])
        #expect(result.failures.isEmpty)
        #expect(self.publisher.publications.map(\.channel.name) == ["a", "b"])
        #expect(self.publisher.publications(to: "b").count == 1)
        #expect(self.publisher.publications(to: "c").isEmpty)
        self.publisher.removeAll()
        #expect(self.publisher.publications.isEmpty)
    }

    @Test func aFailureIsThrownUntilItIsTakenBack() async throws {
        let failure = GRIPPublishFailure(.status, "answered 503", status: 503, mayHaveBeenPublished: true)
        self.publisher.fail(with: failure)
        for _ in 0..<2 {
            let error = await #expect(throws: GRIPPublishError.self) {
                try await self.publisher.publish(.httpStream("lost"), to: "a")
            }
            #expect(error?.code == .proxiesFailed)
            #expect(error?.result.failures.map(\.failure) == [failure])
        }
        #expect(self.publisher.publications.isEmpty)
        self.publisher.fail(with: nil)
        try await self.publisher.publish(.httpStream("kept"), to: "a")
        #expect(self.publisher.publications.count == 1)
    }

    @Test func aFullQueueTakesNothingAndPublishingGoesOn() async throws {
        self.publisher.setQueueFull(true)
        #expect(!self.publisher.enqueue(.httpStream("lost"), to: "a", "b"))
        #expect(self.publisher.publications.isEmpty)
        try await self.publisher.publish(.httpStream("direct"), to: "a")
        self.publisher.setQueueFull(false)
        #expect(self.publisher.enqueue(.httpStream("queued"), to: "a"))
        #expect(self.publisher.publications(to: "a").count == 2)
    }

    @Test func everythingPublishedAtTheSameTimeIsThere() async throws {
        try await withThrowingTaskGroup(of: Void.self) { [publisher] group in
            for index in 0..<200 {
                group.addTask {
                    if index.isMultiple(of: 2) {
                        publisher.enqueue(.httpStream("\(index)"), to: "a")
                    } else {
                        try await publisher.publish(.httpStream("\(index)"), to: "a")
                    }
                }
            }
            try await group.waitForAll()
        }
        let sent = self.publisher.publications.compactMap(\.item.httpStream?.action)
        #expect(Set(sent) == Set((0..<200).map { .send("\($0)") }))
        #expect(sent.count == 200)
    }
}
