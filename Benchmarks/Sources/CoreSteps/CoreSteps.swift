/// What needs no server: codecs and signatures.
public enum CoreSteps {
    /// All steps, in the order of the table.
    public static func all() throws -> [Step] {
        try Self.events() + Self.instructions() + Self.signatures() + Self.items()
    }
}
