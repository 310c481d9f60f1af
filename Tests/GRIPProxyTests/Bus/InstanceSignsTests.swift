import Configuration
import GRIPProxy
import Testing

@Suite("Signs of several instances") struct InstanceSignsTests {
    private static func warning(_ variables: [String: String], count: Int? = nil) -> String? {
        InstanceSigns.warning(
            count: count,
            advice: "set GRIP_BUS",
            environment: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        )
    }

    @Test(
        "Each is named in a warning that says what to do",
        arguments: [
            (["GRIP_INSTANCES": "2"], "there are 2 instances (GRIP_INSTANCES)"),
            (["KUBERNETES_SERVICE_HOST": "10.0.0.1"], "KUBERNETES_SERVICE_HOST is set"),
            (["FLY_APP_NAME": "shop", "FLY_MACHINE_ID": "1"], "FLY_APP_NAME is set"),
            (["FLY_APP_NAME": "shop", "FLY_ALLOC_ID": "1"], "FLY_APP_NAME is set"),
        ]
    )
    func signs(variables: [String: String], text: String) throws {
        let warning = try #require(Self.warning(variables))
        #expect(warning.contains(text))
        #expect(warning.contains("set GRIP_BUS, or GRIP_INSTANCES=1"))
    }

    @Test(
        "Without one, or with one instance, there is none",
        arguments: [
            [:], ["GRIP_INSTANCES": "1"], ["GRIP_INSTANCES": "1", "KUBERNETES_SERVICE_HOST": "10.0.0.1"],
            ["KUBERNETES_SERVICE_HOST": ""], ["FLY_APP_NAME": "shop"], ["FLY_MACHINE_ID": "1"],
        ]
    )
    func none(variables: [String: String]) { #expect(Self.warning(variables) == nil) }

    @Test("What a configuration says counts before the environment")
    func configured() {
        #expect(Self.warning(["KUBERNETES_SERVICE_HOST": "10.0.0.1"], count: 1) == nil)
        #expect(Self.warning([:], count: 3)?.contains("3 instances") == true)
    }
}
