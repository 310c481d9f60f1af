/// Who may connect to a Unix domain socket: the mode, the owner and the group of its file.
///
/// A connection needs the right to write to the file, and the right to pass through the folders above it.
public struct GRIPSocketPermissions: Sendable, Hashable {
    /// The permission bits, such as `0o660`, or `nil` for those that the process's umask leaves.
    public var mode: Int?
    /// The name or the number of the user who owns the file, or `nil` for the user of the process.
    public var user: String?
    /// The name or the number of the file's group, or `nil` for the one that the system chooses.
    public var group: String?

    /// Makes permissions.
    ///
    /// - Parameters:
    ///   - mode: The permission bits, or `nil` for those that the process's umask leaves.
    ///   - user: The owner, or `nil` for the user of the process.
    ///   - group: The group, or `nil` for the one that the system chooses.
    public init(mode: Int? = nil, user: String? = nil, group: String? = nil) {
        self.mode = mode
        self.user = user
        self.group = group
    }
}
