import Wire

/// What the writer carries from one transaction to the next. A value: a transaction works on a copy, and the copy
/// takes its place only once it is durable.
struct WriterState: Sendable {
    var head: LogHead
    var frontier: MerkleFrontier
    /// Whether the first record, which says what clock the log has, is there.
    var isEmpty: Bool { head.position == .start }
}
