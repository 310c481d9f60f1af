public import ArgumentParser
public import GRIPProxy

extension GRIPSecret: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension GRIPRouteLine: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
