import CareRecord
import Ciphers
import EventLog
import Projections
import Wire

/// Recomputes receipts' digests of items from the versions that they name.
///
/// Receipts come in the log's order, and name the same versions again and again: digests of a record's items are kept, of so many
/// records as `limit` items are in, and dropped when they were not asked for while as many others were.
public struct ReceiptDigests {
    /// What was compared, and what could not be.
    public struct Counts: Sendable, Hashable {
        /// Receipts whose digest is that of the versions they name.
        public var compared: UInt64 = 0
        /// Receipts of somebody whose key was destroyed.
        public var erased: UInt64 = 0
        /// Receipts from before they said what was shown in place of a version, of which something was.
        public var older: UInt64 = 0
        /// Items in the receipts compared that were shown with something taken out that their version alone does not tell: their own
        /// digest is the receipt's word.
        public var itemsTold: UInt64 = 0
    }

    /// Digests kept, 32 bytes each beside the item's name.
    static let limit = 1 << 17

    public internal(set) var counts = Counts()
    private let log: EventLog
    private let opener: RecordOpener
    private let limit: Int
    private var recent: [Position: Version] = [:]
    private var older: [Position: Version] = [:]
    private var held = 0

    /// The items of one update, by `Type/id`.
    private struct Version {
        /// More than one where the message says it more than once.
        var own: [String: [Digest]] = [:]
        /// Other bytes that an item can be shown as; worked out when one is.
        var forms: [String: Set<Digest>]?
    }

    init(_ log: EventLog, _ opener: RecordOpener, limit: Int = Self.limit) {
        (self.log, self.opener, self.limit) = (log, opener, limit)
    }

    /// - Returns: what is wrong; nil where nothing is, or nothing can be compared.
    mutating func problem(_ receipt: Receipt, _ detail: ReceiptDetail) throws(LogError) -> String? {
        guard Self.isOfVersions(receipt.question), detail.itemsSalt.count == Digest.byteCount else {
            return nil
        }
        let digested = detail.digested ?? detail.items.count
        guard digested <= detail.items.count else {
            return "its digest is of \(digested) items, and it names \(detail.items.count)"
        }
        var hash = SHA256()
        hash.update(detail.itemsSalt)
        var told: UInt64 = 0
        do throws(LogError) {
            for item in detail.items.prefix(digested) {
                guard let own = try own(of: item) else {
                    // Of older ones it is not known which are named and no more.
                    if detail.digested == nil { return olderProblem() }
                    return "it names \(item.reference) at \(item.position), which is not there"
                }
                if let shown = item.shown {
                    hash.update(shown)
                    if !own.contains(shown), try !forms(of: item).contains(shown) { told += 1 }
                } else {
                    hash.update(own[own.count - 1])
                }
            }
        } catch {
            // Its detail was read before an erasure beside this destroyed the key.
            guard case .destroyed = error else { throw error }
            counts.erased += 1
            return nil
        }
        if hash.finish() == receipt.items {
            counts.compared += 1
            counts.itemsTold += told
            return nil
        }
        return detail.digested == nil
            ? olderProblem() : "its digest of what was shown is not that of the versions it names"
    }

    private mutating func olderProblem() -> String? {
        counts.older += 1
        return nil
    }

    /// Of a search for people it is of a person as found, and of the others there is none.
    private static func isOfVersions(_ question: Receipt.Question) -> Bool {
        switch question {
        case .view, .record, .explain, .diff, .read, .history, .search, .everything: true
        case .trail, .quarantine, .identityReview, .findPatient, .write, .declaration, .feed, .signIn: false
        }
    }

    // MARK: Versions

    /// - Returns: nil where the record has no such item.
    private mutating func own(of item: ReceiptDetail.Item) throws(LogError) -> [Digest]? {
        try version(at: item.position).own[item.reference]
    }

    private mutating func forms(of item: ReceiptDetail.Item) throws(LogError) -> Set<Digest> {
        var version = try version(at: item.position)
        if let forms = version.forms { return forms[item.reference] ?? [] }
        var forms: [String: Set<Digest>] = [:]
        try eachItem(at: item.position) { (meta, content) throws(ProjectionError) in
            let all = try ShownForms.all(of: meta, content)
            forms["\(meta.type)/\(meta.daybookID)", default: []].formUnion(all.map { SHA256.hash($0) })
            held += all.count
        }
        version.forms = forms
        recent[item.position] = version
        return forms[item.reference] ?? []
    }

    private mutating func version(at position: Position) throws(LogError) -> Version {
        if let known = recent[position] { return known }
        var version = Version()
        if let known = older.removeValue(forKey: position) {
            version = known
        } else {
            try eachItem(at: position) { (meta, content) throws(ProjectionError) in
                let shown = meta.operation == .upsert ? content : []
                version.own["\(meta.type)/\(meta.daybookID)", default: []].append(SHA256.hash(shown))
            }
        }
        held += version.own.count + (version.forms?.count ?? 0)
        if held > limit {
            (older, recent) = (recent, [:])
            held = version.own.count
        }
        recent[position] = version
        return version
    }

    /// Nothing where no update stands there.
    private func eachItem(
        at position: Position, _ body: (ItemMeta, ArraySlice<UInt8>) throws(ProjectionError) -> Void
    ) throws(LogError) {
        guard position > .start, position <= log.headPosition else { return }
        let record = try log.read(at: position)
        guard record.header.recordClass == .sourceUpdate,
            let update = try opener.open(.a, of: record.header, sealed: record.partA)
        else { return }
        do {
            for index in 1..<max(1, update.count) {
                try body(ItemMeta(decoding: update.meta(of: index)), update.content(of: index))
            }
        } catch { throw .corrupt(position: position, what: "\(error)") }
    }
}
