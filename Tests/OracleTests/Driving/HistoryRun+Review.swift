/// The queue of links to review: what it tells, and what a decision leaves.
extension HistoryRun {
    /// What was listed and decided.
    struct Reviews {
        var lists = 0
        var listed = 0
        /// Of them, such as messages opened.
        var opened = 0
        var linked = 0
        var keptApart = 0
        var refused = 0
        var alerts = 0
    }

    mutating func review(_ seed: UInt64) throws {
        guard let store = store as? any ReviewedSystem else { return }
        let before = try store.head()
        let queue = ReviewQueue(
            events: prediction.events, placeholders: prediction.region?.placeholders ?? [])
        let expected = queue.entries
        let told = try store.reviews()
        guard told.count == expected.count, Set(told) == Set(expected) else {
            throw Problem(
                "identity review list: told \(Set(told).subtracting(expected)), expected \(Set(expected).subtracting(told))"
            )
        }
        try tookReceipts(of: told.count, after: before)
        reviews.lists += 1
        reviews.listed += told.count
        reviews.opened += told.count { $0.opened != nil }
        var rng = SplitMix64(seed: seed)
        // Mostly one that a message opened: there are fewer.
        let raised = told.filter { $0.opened != nil }
        guard let chosen = rng.maybePick(!raised.isEmpty && rng.chance(1, in: 2) ? raised : told) else {
            return
        }
        try decide(chosen, link: rng.chance(1, in: 2), queue, store)
    }

    private mutating func decide(
        _ review: ReviewQueue.Entry, link: Bool, _ queue: ReviewQueue, _ store: any ReviewedSystem
    ) throws {
        let before = try store.head()
        let areTwo = review.subjects.count == 2
        let mayLink = areTwo && review.reason != "mother-and-baby"
        let isDone = try store.decide(review.id, link: link)
        guard isDone == (!link || mayLink) else {
            throw Problem("identity review \(link ? "link" : "keep-apart") \(review): done \(isDone)")
        }
        guard isDone else {
            guard try store.head() == before else { throw Problem("\(review): refused, and recorded") }
            reviews.refused += 1
            return
        }
        let fact = areTwo ? FactSpec(kind: link ? .linked : .unlinked, pair: review.subjects) : nil
        // To keep apart two who were one parts them.
        let alerts = areTwo && !link && queue.areLinked(review.subjects[0], review.subjects[1]) ? 1 : 0
        let identities = (fact == nil ? 0 : 1) + (review.opened == nil ? 0 : 1)
        let (time, keys) = try expect(
            Array(repeating: Prediction.Class.identity, count: identities)
                + Array(repeating: Prediction.Class.alert, count: alerts), after: before)
        prediction.decided(fact, opened: review.opened, alerts: alerts, keys: keys, time: time)
        if link { reviews.linked += 1 } else { reviews.keptApart += 1 }
        reviews.alerts += alerts
    }

    /// A receipt for each entry, however many batches they come in.
    private mutating func tookReceipts(of count: Int, after position: UInt64) throws {
        var headers = try store.headers(after: position)[...]
        var found = 0
        while let first = headers.first {
            let batch = headers.prefix { $0.batchFirst == first.batchFirst }
            headers = headers.dropFirst(batch.count)
            let receipts = batch.count { $0.recordClass == Prediction.Class.receipt }
            guard batch.prefix(receipts).allSatisfy({ $0.recordClass == Prediction.Class.receipt }),
                batch.dropFirst(receipts).allSatisfy({ $0.recordClass == Prediction.Class.housekeeping })
            else { throw Problem("identity review list left \(batch.map(\.recordClass))") }
            prediction.found(receipts: receipts, keys: batch.count - receipts, time: first.time)
            found += receipts
        }
        if found != count { throw Problem("identity review list: \(found) receipts of \(count)") }
    }
}
