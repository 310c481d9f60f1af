import GRIPTesting
import Hummingbird
import HummingbirdGRIP
import Testing

/// The samples of "Several instances" and of the module that they are about; what needs a server is only compiled.
@Suite struct SeveralInstancesSamples {
    private func configured(_ router: Router<BasicGRIPRequestContext>) throws -> some ApplicationProtocol {
        var configuration = GRIPConfiguration()
        configuration.bus = GRIPBusConfiguration(url: "nats://a.example,nats://b.example", prefix: "shop")
        let grip = try GRIPOrigin(configuration)
        let app = Application(router: router, server: .grip(grip), services: [grip])
        return app
    }

    private func bus() -> GRIPBusConfiguration {
        let bus = GRIPBusConfiguration(url: "nats://a.example,nats://b.example", prefix: "shop")
        return bus
    }

    private func worker() async {
        await GRIPProgram.run {
            let grip = try GRIPOrigin()  // GRIP_BUS from the environment
            try await grip.publish(.httpStream("done\n"), to: "jobs")
        }
    }

    private func refusals(_ grip: any GRIPPublishing) async throws {
        let result = try await grip.publish(.httpStream("hello\n"), to: "test")
        for outcome in result.busRefusals { print("other instances do not get it:", outcome.busRefusal ?? "") }
    }

    @Test func aPublishWithoutABusIsRefusedByNone() async throws {
        try await self.refusals(RecordingPublisher())
        #expect(self.bus().isEnabled)
    }
}
