import Wire

/// What became of a question so far.
public enum BegunResources: Sendable {
    case answered(ResourceAnswer)
    case waiting(PendingResources)
}

/// An answer whose receipt is to be made durable: `Store.finished` does, and hands it out.
public struct PendingResources: Sendable {
    var made: MadeReceipt
    /// Of one resource: which version of it is shown, and since when it is.
    var version: Position?
    var lastModified: Instant?
}
