public import ArgumentParser
public import GRIP
public import GRIPProxy

extension GRIPSecret: ExpressibleByArgument {
    /// Takes an argument as it is.
    public init?(argument: String) { self.init(argument) }
}

extension GRIPRouteLine: ExpressibleByArgument {
    /// Takes an argument as it is.
    public init?(argument: String) { self.init(argument) }
}
