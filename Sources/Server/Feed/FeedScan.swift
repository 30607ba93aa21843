import EventLog
import Projections
import Wire

/// What a stretch of the log says about patients, batch by batch: whose, and not what.
struct FeedScan {
    /// Records of one batch that concern patients.
    struct Batch {
        var first: Position
        var last: Position
        /// Subjects of the batch's updates.
        var updated: [StreamToken] = []
        /// Facts about patients or identity: what may be seen can have changed with them.
        var facts: [Position] = []
    }

    private(set) var batches: [Batch] = []
    /// The end of the last batch that was looked at.
    private(set) var through: Position

    /// - Parameters:
    ///   - after: a batch's end.
    ///   - last: a batch's end.
    ///   - most: batches, at most.
    init(_ log: EventLog, after: Position, through last: Position, most: Int) throws(LogError) {
        through = after
        var batches: [Batch] = []
        var reached = after
        var looked = 0
        try log.scan(from: after.next, through: last, checkingParts: false) {
            (view) throws(LogError) -> EventLog.ScanStep in
            let header = view.header
            if header.batchIndex == 0, looked >= FeedRequest.maximumRecords || batches.count >= most {
                return .stop
            }
            looked += 1
            if header.batchEnd == header.position { reached = header.position }
            let isUpdate = header.recordClass == .sourceUpdate
            guard isUpdate || header.recordClass == .patientFact || header.recordClass == .identity else {
                return .goOn
            }
            if batches.last?.first != header.batchStart {
                batches.append(Batch(first: header.batchStart, last: header.batchEnd))
            }
            let index = batches.count - 1
            if !isUpdate {
                batches[index].facts.append(header.position)
            } else if !batches[index].updated.contains(header.stream) {
                batches[index].updated.append(header.stream)
            }
            return .goOn
        }
        (self.batches, through) = (batches, reached)
    }
}
