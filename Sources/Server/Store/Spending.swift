import Wire

/// Receipts that spent a `once` permission: the only ones that policy folds. Others need not be waited for.
struct Spending: Sendable {
    /// Receipts on their way into the log that spend: while there are any, policy is folded to the head.
    var underWay = 0
    /// The newest that spent, as far as this process knows; nil until policy was folded to a head once.
    var last: Position?

    /// Nil where only the head will do.
    var known: Position? { underWay > 0 ? nil : last }
}
