import EventLog
import Projections
import Wire

/// What can be said of a receipt without asking its question again: that it opens, is what its header commits to, does not contradict
/// itself, and was of the versions that it names.
enum ReceiptCheck {
    /// - Returns: what is wrong; nil where nothing is.
    static func problem(
        _ record: StoredRecord, _ opener: RecordOpener, _ digests: inout ReceiptDigests
    ) throws(LogError) -> String? {
        let position = record.header.position
        do {
            let b = try opener.open(.b, of: record.header, sealed: record.partB)
            let receipt = try opener.receipt(of: record)
            if let problem = contradiction(receipt, at: position) { return problem }
            if record.header.lengthA == 0 {
                return Commitment.root(a: nil, b: b) == record.header.commitment
                    ? nil : "its commitment does not hold"
            }
            var a: Body?
            do throws(LogError) {
                a = try opener.open(.a, of: record.header, sealed: record.partA)
            } catch {
                // After an erasure the other half cannot be had: the sealed bytes' hashes are what is left.
                guard case .destroyed = error else { throw error }
                digests.counts.erased += 1
                return nil
            }
            if Commitment.root(a: a, b: b) != record.header.commitment {
                return "its commitment does not hold"
            }
            guard let detail = try opener.receiptDetail(of: record) else { return nil }
            return try contradiction(receipt, detail) ?? digests.problem(receipt, detail)
        } catch let error as LogError {
            switch error {
            case .corrupt(_, let what): return what
            case .key(let slot, let what): return "\(slot): \(what)"
            default: throw error
            }
        } catch { return "\(error)" }
    }

    private static func contradiction(_ receipt: Receipt, at position: Position) -> String? {
        if receipt.position >= position { return "it was served as of \(receipt.position), which came later" }
        // Policy and identity are those known at another position where the question said so, or a page of a list follows
        // one that was decided before.
        let known = receipt.known ?? receipt.position
        if known >= position { return "it was decided as of \(known), which came later" }
        if receipt.policy > known { return "its policy, \(receipt.policy), is newer than what was known" }
        if let late = receipt.basis.first(where: { $0 > known }) {
            return "its basis \(late) is newer than what was known"
        }
        if let earlier = receipt.earlier,
            earlier.position > receipt.position || earlier.basis.contains(where: { $0 > earlier.position })
        {
            return "its earlier side, \(earlier.position), is not earlier, or stands on what came later"
        }
        return nil
    }

    private static func contradiction(_ receipt: Receipt, _ detail: ReceiptDetail) -> String? {
        // A reading of the trail, or of the queue of links, tells no items.
        if [.trail, .quarantine, .identityReview].contains(receipt.question) { return nil }
        if detail.items.count != receipt.shown {
            return "it says \(receipt.shown) items were shown, and names \(detail.items.count)"
        }
        if detail.withheld.reduce(0, { $0 + $1.count }) != receipt.withheld {
            return "it says \(receipt.withheld) items were withheld, and tells of others"
        }
        if receipt.permitted,
            detail.bodySalt.count != Digest.byteCount || detail.itemsSalt.count != Digest.byteCount
        {
            return "it lacks a digest's salt"
        }
        return nil
    }
}
