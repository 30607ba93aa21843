import CareRecord
import Ciphers
import EventLog
import Projections
import Wire

/// Holds what receipts say was shown against the versions that they name: each is there, and the digest is of just these bytes.
///
/// An answer that shows less than a version says has a digest of its own: where a rule took out a member, a reference or a text, only deciding
/// anew tells which. Such receipts are counted, and no fault is found in them.
struct ReceiptItems {
    /// Receipts whose digest is that of the versions they name.
    private(set) var reproduced: UInt64 = 0
    /// Receipts of less than those say, or of persons since erased.
    private(set) var notReproduced: UInt64 = 0

    private let log: EventLog
    private let opener: RecordOpener
    /// Of events looked at lately; nil of those whose person was erased.
    private var events: [Position: ShownDigests?] = [:]
    /// Resources in `events`.
    private var kept = 0
    /// Whether anybody was ever shielded so far: what a shield takes out is in no receipt.
    private var wereShielded = false

    /// Resources whose digests are kept, at most: some 30 MB.
    private static let mostKept = 100_000

    init(_ log: EventLog, _ opener: RecordOpener) { (self.log, self.opener) = (log, opener) }

    /// Takes note of a patient's fact that stands before the receipts that follow.
    mutating func note(_ fact: StoredRecord) throws(ProjectionError) {
        if !wereShielded, try opener.sealedFact(of: fact).fact.kind == .shieldSet { wereShielded = true }
    }

    /// - Returns: what is wrong; nil where nothing is, or nothing can be said.
    mutating func problem(_ receipt: Receipt, _ detail: ReceiptDetail) throws -> String? {
        switch receipt.question {
        case .view, .record: return receipt.permitted ? try shown(receipt, detail) : nothing(receipt, detail)
        // They name items and show none.
        case .explain, .diff, .feed: return nothing(receipt, detail)
        // An answer over HTTP may show several versions, none of the version's own bytes, or what is made of the log: only the names can be looked at.
        case .read, .history, .search, .everything:
            return detail.items.isEmpty ? nothing(receipt, detail) : try named(receipt, detail)
        default: return nil
        }
    }

    /// The digest of an answer that shows no item.
    private mutating func nothing(_ receipt: Receipt, _ detail: ReceiptDetail) -> String? {
        if SHA256.hash(detail.itemsSalt) != receipt.items {
            return "it shows no item, and has a digest of some"
        }
        reproduced += 1
        return nil
    }

    private mutating func named(_ receipt: Receipt, _ detail: ReceiptDetail) throws -> String? {
        if let late = detail.items.first(where: { $0.position > receipt.position }) {
            return Self.late(late, receipt)
        }
        var hash = SHA256()
        hash.update(detail.itemsSalt)
        for item in detail.items {
            let found = try event(item.position)?.items[item.reference]
            hash.update(found?.shown(as: item.category) ?? SHA256.hash([UInt8]()))
        }
        if hash.finish() == receipt.items { reproduced += 1 } else { notReproduced += 1 }
        return nil
    }

    private mutating func shown(_ receipt: Receipt, _ detail: ReceiptDetail) throws -> String? {
        var hash = SHA256()
        hash.update(detail.itemsSalt)
        var isAltered =
            receipt.question == .view
            && (wereShielded || receipt.withheld > 0 || !detail.concealed.isEmpty
                || receipt.renderer != Receipt.currentRenderer)
        // What nobody cites who is shown is in no count, and references to it are taken out as well.
        var cited: Set<String> = []
        for item in detail.items {
            if item.position > receipt.position { return Self.late(item, receipt) }
            guard let event = try event(item.position) else {
                notReproduced += 1
                return nil
            }
            guard let found = event.items[item.reference] else {
                return "it names \(item.reference) of \(item.position), which says nothing of it"
            }
            isAltered = isAltered || found.isRepeated || (found.hasNarrative && receipt.question == .view)
            if receipt.question == .view { cited.formUnion(found.references) }
            hash.update(receipt.question == .record ? found.whole : found.shown(as: item.category))
        }
        if hash.finish() == receipt.items {
            reproduced += 1
        } else if isAltered || !cited.isSubset(of: detail.items.map(\.reference)) {
            notReproduced += 1
        } else {
            return
                "what it says was shown is not what the versions it names say: the digest of its items differs"
        }
        return nil
    }

    private static func late(_ item: ReceiptDetail.Item, _ receipt: Receipt) -> String {
        "it names \(item.reference) of \(item.position), which came after \(receipt.position)"
    }

    /// - Returns: nil where the event's person was erased.
    /// - Throws: what keeps it from being opened.
    private mutating func event(_ position: Position) throws -> ShownDigests? {
        if let known = events[position] { return known }
        let record = try log.read(at: position)
        BackgroundWork.giveWay(record.header.recordBytes)
        let found = try ShownDigests(of: record, opener)
        if kept > Self.mostKept { (events, kept) = ([:], 0) }
        kept += found?.items.count ?? 1
        events[position] = .some(found)
        return found
    }
}

extension ShownDigests.Item {
    /// - Parameter category: as a receipt names it.
    fileprivate func shown(as category: String) -> Digest {
        Category(name: category).flatMap { parts[$0] } ?? own
    }
}
