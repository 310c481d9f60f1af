package import Configuration

/// What says that a program runs in several instances, which without a bus know nothing of each other.
package enum InstanceSigns {
    /// The warning for a program that has no bus.
    ///
    /// - Parameters:
    ///   - count: How many instances there are as a configuration says, or `nil` where it says nothing; the variable
    ///     `GRIP_INSTANCES` counts then.
    ///   - advice: What gives the program a bus.
    ///   - environment: The variables of the environment.
    /// - Returns: A sentence, or `nil` where there is one instance as far as is known.
    package static func warning(
        count: Int?,
        advice: String,
        environment: ConfigReader = ConfigReader(provider: EnvironmentVariablesProvider())
    ) -> String? {
        guard let sign = Self.sign(count: count, environment) else { return nil }
        return """
            there is no bus, and \(sign): what is published to one instance reaches its own clients and no others; \
            \(advice), or GRIP_INSTANCES=1 where there is only one
            """
    }

    private static func sign(count: Int?, _ environment: ConfigReader) -> String? {
        if let count = count ?? environment.int(forKey: "grip.instances") {
            return count > 1 ? "there are \(count) instances (GRIP_INSTANCES)" : nil
        }
        func isSet(_ key: ConfigKey) -> Bool { environment.string(forKey: key)?.isEmpty == false }
        if isSet("kubernetes.service.host") {
            return "Kubernetes may run several instances (KUBERNETES_SERVICE_HOST is set)"
        }
        if isSet("fly.app.name"), isSet("fly.machine.id") || isSet("fly.alloc.id") {
            return "Fly may run several instances (FLY_APP_NAME is set)"
        }
        return nil
    }
}
