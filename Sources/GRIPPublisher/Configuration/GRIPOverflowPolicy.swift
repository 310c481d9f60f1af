/// What gives way when a publisher's queue is full.
///
/// Either way the loss is counted and logged.
public struct GRIPOverflowPolicy: Sendable, Hashable {
    enum Kind: Sendable, Hashable { case dropNewest, dropOldest }

    let kind: Kind

    private init(_ kind: Kind) { self.kind = kind }

    /// What comes last is refused, so that what is queued stays whole.
    public static let dropNewest = GRIPOverflowPolicy(.dropNewest)

    /// What has waited longest is dropped, so that the newest always gets in.
    ///
    /// What is being sent at the moment is not dropped.
    public static let dropOldest = GRIPOverflowPolicy(.dropOldest)
}
