import Wire

extension ProjectionWorker {
    /// Folds to the head unless everything up to `needed`, the last record it has a use for, is folded already.
    public func catchUp(toAtLeast needed: Position, head: Position) throws(ProjectionError) {
        if position < needed { try catchUp(to: head) }
    }
}
