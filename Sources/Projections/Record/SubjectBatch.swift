import EventLog
import Wire

/// The records of a batch by subject, in the order of tokens: each subject is folded on its own, and what comes out
/// is in key order already.
public struct SubjectBatch: Sendable {
    struct Subject: Sendable {
        var token: StreamToken
        /// In the order of positions.
        var records: ArraySlice<StoredRecord>
        /// Sealed bytes.
        var weight: Int
    }

    private(set) var subjects: [Subject] = []

    init(_ batch: RecordBatch) {
        // Tokens and numbers are sorted, not records: a record is a dozen words and four references.
        let order = batch.records.indices.map { (token: batch.records[$0].header.stream, index: $0) }
            .sorted { a, b in a.token == b.token ? a.index < b.index : a.token < b.token }
        let records = order.map { batch.records[$0.index] }
        var start = 0
        for end in 1...max(1, records.count) where !records.isEmpty {
            let token = records[start].header.stream
            if end < records.count, records[end].header.stream == token { continue }
            let own = records[start..<end]
            subjects.append(
                Subject(token: token, records: own, weight: own.reduce(0) { $0 + $1.parts.count }))
            start = end
        }
    }

    /// Runs of subjects of about the same weight, at most `count`.
    func shares(_ count: Int) -> [ArraySlice<Subject>] {
        let target = max(1, subjects.reduce(0) { $0 + $1.weight } / max(1, count))
        var shares: [ArraySlice<Subject>] = []
        var start = 0
        var weight = 0
        for (index, subject) in subjects.enumerated() {
            weight += subject.weight
            if weight >= target || index + 1 == subjects.count {
                shares.append(subjects[start...index])
                (start, weight) = (index + 1, 0)
            }
        }
        return shares
    }
}
