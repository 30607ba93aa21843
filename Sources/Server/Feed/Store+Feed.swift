import CareRecord
import Ciphers
import EventLog
import Projections
import Wire

/// The feed: which resources that a caller may see changed, page by page, each patient told of with a receipt (decision 18).
extension Store {
    /// The next page. Its receipts are durable when this returns.
    ///
    /// - Throws: `ResourceRefusal`, recorded; `StoreError` where not even that could be.
    public func feedPage(_ request: FeedRequest) throws -> FeedPage {
        let caller = request.caller
        do {
            guard let viewer = caller.viewer, mayFollow(caller) else {
                let recorded = try recordFailure(of: caller, asking: .feed, rule: "scope")
                throw ResourceRefusal(
                    kind: .scope, position: recorded.position, receipt: recorded.receipt)
            }
            // Somebody's record moves all the time: a shorter page is the sooner done.
            var batches = FeedRequest.maximumBatches
            for _ in 0..<Self.maximumDecisions {
                if let page = try feedOnce(request, viewer, most: batches) { return page }
                batches = max(1, batches / 2)
            }
            throw StoreError.busy("the patients' records and policy kept moving; ask again")
        } catch let error as ProjectionError {
            throw try recorded(.projection(error), caller, .feed)
        } catch let error as LogError {
            throw StoreError.log(error)
        } catch let error as StoreError {
            throw try recorded(error, caller, .feed)
        }
    }

    /// The newest record that can change what the feed tells. Looks at memory alone.
    public func feedHead() throws(StoreError) -> Position {
        do throws(LogError) {
            return max(
                try log.classHead(.sourceUpdate), try log.classHead(.patientFact),
                try log.classHead(.identity))
        } catch { throw .log(error) }
    }

    /// Whether the token lets read anything at all.
    private func mayFollow(_ caller: Caller) -> Bool {
        let levels: [Scopes.Level] = caller.isSystem ? [.system] : [.user, .patient]
        return caller.scopes.grants.contains {
            levels.contains($0.level) && $0.interactions.contains(.read)
        }
    }

    /// - Returns: nil where something moved before the receipts were durable: nothing was told.
    private func feedOnce(_ request: FeedRequest, _ viewer: Viewer, most: Int) throws -> FeedPage? {
        let head = try catchUp()
        guard request.after <= head.position else {
            throw StoreError.usage("after: \(request.after) is past the newest record, \(head.position)")
        }
        let region = try regionState()
        let after = try log.batchEnd(of: request.after)
        let through = min(request.through ?? head.position, head.position)
        let scan = try FeedScan(log, after: after, through: through, most: most)
        var reading = FeedReading(
            store: self, request: request, viewer: viewer, head: head, history: region.history)
        var next = max(after, scan.through)
        for batch in scan.batches {
            try reading.read(batch)
            // What was told decides where it ends, not what was not.
            if reading.lines.count >= min(FeedRequest.maximumLines, request.lines) {
                next = batch.last
                break
            }
        }
        var page = FeedPage(
            lines: [], next: next, head: head.position, policy: region.version(at: head.position))
        if reading.lines.isEmpty {
            if request.isFirst { page.receipt = try recordEmptyFeed(request, head) }
            return page
        }
        guard let receipts = try receipted(reading, head) else { return nil }
        page.receipt = receipts.values.min()
        page.lines = reading.lines.map { patient, line in
            FeedPage.Line(
                position: line.position,
                json: line.json.dropLast() + Array(",\"receipt\":\(receipts[patient]?.value ?? 0)}".utf8))
        }
        return page
    }

    /// One receipt for each patient told of, in one batch, on condition that neither they nor policy moved since the page was begun.
    ///
    /// - Returns: by the patient's place; nil where something moved.
    private func receipted(_ reading: FeedReading, _ head: LogHead) throws -> [Int: Position]? {
        var records: [SealedRecord] = []
        var places: [Int: Int] = [:]
        var streams: Set<StreamToken> = []
        let policy = try regionState()
        for index in reading.patients.indices {
            let lines = reading.lines.filter { $0.patient == index }.map(\.line)
            if lines.isEmpty { continue }
            let decided = reading.patients[index].decided
            var draft = decided.draft
            draft.named = lines.map { ($0.item, $0.source) }
            let used = Set(lines.flatMap(\.basis) + decided.answer.basis)
            draft.overrides.removeAll { !used.contains($0) }
            let body = Array(lines.map(\.json).joined(separator: [0x0A]))
            let (receipt, detail) = try made(
                decided.answer, body, draft, policy: policy.version(at: decided.answer.position))
            places[index] = records.count
            records.append(try receiptRecord(receipt, detail))
            streams.formUnion(draft.patient.streams)
        }
        let conditions = Self.unchanged(streams.sorted(), since: head.position)
        guard
            case .appended(let appended) = try append([
                Proposal(records: records, conditions: conditions)
            ])[0]
        else { return nil }
        return places.mapValues { Position(appended.first.value + UInt64($0)) }
    }

    /// That somebody asked and was told of nobody.
    private func recordEmptyFeed(_ request: FeedRequest, _ head: LogHead) throws -> Position {
        let caller = request.caller
        var receipt = Receipt(
            kind: .actual, question: .feed, viewer: caller.identity.map { Receipt.Person($0) },
            operatorUser: nil, systemUser: Self.systemUser, purpose: caller.purpose, caseID: nil,
            position: head.position, instant: try clock(), isFinal: false,
            policy: try regionState().version(at: head.position), permitted: true, rule: "feed", basis: [],
            shown: 0, withheld: 0, sources: [], subjects: [], items: .zero, body: .zero)
        receipt.call = Receipt.Call(caller.call)
        receipt.query = "feed after=\(request.after.value) purpose=\(caller.purpose)"
        let record = try receiptRecord(
            receipt, ReceiptDetail(patient: "", query: "", itemsSalt: [], bodySalt: []))
        return try appendOne(Proposal(records: [record])).first
    }
}
