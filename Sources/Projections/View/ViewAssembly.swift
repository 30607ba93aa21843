import CareRecord
import Wire

/// Decides every item of a patient's record and sorts it into shown, withheld and tombstones (decision 4, clauses 3 to 7).
public struct ViewAssembly {
    /// What policy says of an item.
    public typealias Decide = (ItemDescriptor) -> Decision

    public private(set) var items: [ViewItem] = []
    public private(set) var tombstones: [ViewItem] = []
    /// What roles with `view-withheld` are told of.
    public private(set) var withheld: [ReceiptDetail.Withheld] = []
    /// What nobody is told of outside a case: locked seals, exclusion sets.
    public private(set) var concealed: [ReceiptDetail.Withheld] = []
    /// Both together, for a case.
    public private(set) var withheldOrConcealed: [ReceiptDetail.Withheld] = []
    /// How many items of each source an open seal hides.
    public private(set) var sealed: [String: Int] = [:]
    /// `Type/id` of every item, not gone, of which no part is shown.
    public private(set) var hidden: Set<String> = []
    /// Items whose status says that they were corrected, in order.
    public private(set) var corrected: [CorrectedItem] = []

    /// The codes that a deleted item last had: subject's index, type and id.
    public typealias LastCodes = (Int, String, String) throws(ProjectionError) -> [Coding]

    /// What policy looks at in an item beside its source and category.
    public enum Needs: Sendable { case nothing, codes, everything }

    private let decide: Decide
    private let lastCodes: LastCodes
    private let needs: Needs
    private var lastSource = ""
    private var lastSourceBytes: [UInt8] = []
    private var lastPlain: (subject: Int, category: Category, source: String, decision: Decision)?
    private var cited: [HeldItem] = []
    private var decided: [(item: HeldItem, decision: Decision)] = []

    /// - Parameter records: for each subject of the union, its record at the position.
    public init(
        records: [[CategoryRecord]], needs: Needs, decide: @escaping Decide, lastCodes: @escaping LastCodes
    ) throws(ProjectionError) {
        (self.decide, self.lastCodes, self.needs) = (decide, lastCodes, needs)
        decided.reserveCapacity(records.reduce(8) { $1.reduce($0) { $0 + $1.versions.count } })
        var parts: [HeldItem] = []
        for (subject, categories) in records.enumerated() {
            for category in categories { try take(category, of: subject, &parts) }
        }
        // One subject's items come in order, but for a Patient's parts.
        let isInOrder = records.count < 2 || decided.isInOrder
        if isInOrder, parts.count <= Self.fewParts {
            for part in parts { try insert(part) }
        } else {
            for part in parts { decided.append((part, try decision(on: part))) }
            decided.sort { HeldItem.precedes($0.item, $1.item) }
        }
        if !cited.isEmpty {
            try decideCited()
            decided.sort { HeldItem.precedes($0.item, $1.item) }
        }
        try sortOut()
    }

    /// Parts of Patients that are put in their places one by one: more are sorted in with all the rest.
    private static let fewParts = 32

    /// Puts a part where it belongs among the items in order.
    private mutating func insert(_ part: HeldItem) throws(ProjectionError) {
        var (low, high) = (0, decided.count)
        while low < high {
            let middle = (low + high) / 2
            if HeldItem.precedes(part, decided[middle].item) { high = middle } else { low = middle + 1 }
        }
        decided.insert((part, try decision(on: part)), at: low)
    }

    private mutating func take(
        _ record: CategoryRecord, of subject: Int, _ split: inout [HeldItem]
    ) throws(ProjectionError) {
        for version in record.versions {
            let meta: ItemMetaView
            let splits: [ItemSplit]
            do throws(WireError) {
                meta = try ItemMetaView(record.meta(of: version))
                // Only a Patient is split; looking for splits walks the whole meta.
                splits = meta.isType("Patient") ? try meta.splits() : []
            } catch { throw .damaged(what: "the meta of an item of \(version.position): \(error)") }
            var item = HeldItem(
                subject: subject, version: version, meta: meta,
                category: record.category,
                content: record.content(of: version))
            if record.category == .cited {
                cited.append(item)
                continue
            }
            guard !splits.isEmpty, !version.isTombstone else {
                decided.append((item, try decision(on: item)))
                continue
            }
            let parts = PatientParts(content: item.content, splits: splits)
            item.content = parts.demographics
            decided.append((item, try decision(on: item)))
            let id = String(decoding: meta.daybookID, as: UTF8.self)
            for category in parts.categories {
                item.category = category
                item.content = parts.part(category, id: id)
                split.append(item)
            }
        }
    }

    /// Items of one source come in runs: its name is made once a run.
    private mutating func source(of item: HeldItem) -> String {
        if !lastSourceBytes.isEmpty, item.meta.isFrom(lastSourceBytes) { return lastSource }
        lastSourceBytes = Array(item.meta.source)
        lastSource = String(decoding: lastSourceBytes, as: UTF8.self)
        return lastSource
    }

    private mutating func decision(on item: HeldItem) throws(ProjectionError) -> Decision {
        let source = source(of: item)
        do throws(WireError) {
            if item.meta.operation == .delete || needs == .everything {
                var meta = try ItemMeta(decoding: item.meta.bytes)
                if meta.operation == .delete {
                    meta.codes = try codes(ofDeleted: meta, subject: item.subject).get()
                }
                return decide(
                    ItemDescriptor(meta, source: source, subject: item.subject, category: item.category))
            }
            if needs == .nothing { return decision(source: source, item.category, item.subject) }
            return decide(
                ItemDescriptor(
                    source: source, category: item.category, codes: try item.meta.codes(),
                    subject: item.subject))
        } catch { throw .damaged(what: "the meta of an item of \(item.version.position): \(error)") }
    }

    /// Where policy looks at nothing else, a run of items of one source and category is decided once.
    private mutating func decision(source: String, _ category: Category, _ subject: Int) -> Decision {
        if let last = lastPlain, last.subject == subject, last.category == category, last.source == source {
            return last.decision
        }
        let decision = decide(
            ItemDescriptor(source: source, category: category, codes: [], subject: subject))
        lastPlain = (subject, category, source, decision)
        return decision
    }

    private func codes(ofDeleted meta: ItemMeta, subject: Int) -> Result<[Coding], WireError> {
        do throws(ProjectionError) {
            return .success(try lastCodes(subject, meta.type, meta.daybookID))
        } catch { return .failure(WireError(.invalid, at: 0, what: "\(error)")) }
    }

    // MARK: Cited resources

    /// An item that cites: where it stands in `decided`.
    private struct Citation: Hashable {
        var subject: Int
        var reference: String
    }

    private mutating func decideCited() throws(ProjectionError) {
        var citing: [Citation: [Int]] = [:]
        var held: [Citation: [Int]] = [:]
        for (index, entry) in decided.enumerated() where !entry.item.version.isTombstone {
            let item = entry.item
            held[Citation(subject: item.subject, reference: item.reference), default: []].append(index)
            let isSplit = item.meta.isType("Patient")
            for reference in Set(try references(of: item)) {
                if isSplit, !PatientParts.cites(reference, in: item.content) { continue }
                citing[Citation(subject: item.subject, reference: reference), default: []].append(index)
            }
        }
        let before = decided
        for item in cited {
            let about: [Int]
            if item.isProvenance {
                about = Set(try references(of: item)).flatMap {
                    held[Citation(subject: item.subject, reference: $0)] ?? []
                }.sorted()
            } else {
                about = citing[Citation(subject: item.subject, reference: item.reference)] ?? []
            }
            decided.append(try decision(onCited: item, following: about, of: before))
        }
    }

    private func references(of item: HeldItem) throws(ProjectionError) -> [String] {
        do throws(WireError) {
            return try item.meta.references().map { String(decoding: $0, as: UTF8.self) }
        } catch { throw .damaged(what: "the meta of an item of \(item.version.position): \(error)") }
    }

    /// - Parameter about: what cites the item, or what a Provenance is about, in the order of items.
    private mutating func decision(
        onCited item: HeldItem, following about: [Int], of decided: [(item: HeldItem, decision: Decision)]
    ) throws(ProjectionError) -> (item: HeldItem, decision: Decision) {
        var item = item
        let isProvenance = item.isProvenance
        let withheld = about.first { !decided[$0].decision.permit }
        let shown = about.filter { decided[$0].decision.permit }
        // A tombstone is neither cited nor about anything any more.
        guard let first = about.first, !item.version.isTombstone else {
            item.category = .other
            return (item, try decision(on: item))
        }
        if isProvenance ? withheld != nil : shown.isEmpty {
            let deciding = decided[isProvenance ? withheld ?? first : first]
            item.category = deciding.item.category
            return (item, deciding.decision)
        }
        // The first category, in the table's order, under which it would itself be permitted.
        var firstOwn: (item: HeldItem, decision: Decision)?
        var last: Category?
        for index in shown where decided[index].item.category != last {
            item.category = decided[index].item.category
            last = item.category
            let own = try decision(on: item)
            if own.permit { return (item, own) }
            if firstOwn == nil { firstOwn = (item, own) }
            if isProvenance { break }
        }
        if let firstOwn { return firstOwn }
        return (item, try decision(on: item))
    }

    // MARK: Sorting out

    private struct Group: Hashable {
        var category: Category
        var rule: Rule
        var basis: [Position]
    }

    /// A cancelled result shows no value; of a corrected one, what it said before is to be found.
    private mutating func heedStatus(of item: HeldItem, in shown: inout ViewItem) throws(ProjectionError) {
        switch ResultStatus(item.meta) {
        case nil: return
        case .cancelled: shown.resource = try ResultValue.removed(from: item.content)
        case .corrected:
            corrected.append(
                CorrectedItem(
                    index: items.count, subject: item.subject, meta: item.meta,
                    position: item.version.position, itemIndex: item.version.itemIndex,
                    content: item.content))
        }
    }

    private mutating func sortOut() throws(ProjectionError) {
        var told: [Group: Int] = [:]
        var untold: [Group: Int] = [:]
        items.reserveCapacity(decided.count)
        var ground: ItemGround?
        var rule: Rule?
        for index in decided.indices {
            guard decided[index].decision.permit else {
                // What is gone is not counted: it would tell of what was.
                if decided[index].item.version.isTombstone { continue }
                let (item, decision) = decided[index]
                let group = Group(category: item.category, rule: decision.rule, basis: decision.basis)
                if decision.disclosure == .nothing {
                    untold[group, default: 0] += 1
                } else {
                    told[group, default: 0] += 1
                }
                if decision.disclosure == .sealedItem { sealed[source(of: item), default: 0] += 1 }
                continue
            }
            let source = source(of: decided[index].item)
            if ground?.source != source || rule != decided[index].decision.rule
                || ground?.basis != decided[index].decision.basis
            {
                rule = decided[index].decision.rule
                ground = ItemGround(
                    source: source, rule: rule?.rawValue ?? "", basis: decided[index].decision.basis)
            }
            guard let ground else { continue }
            var shown = ViewItem(decided[index].item, ground, redaction: decided[index].decision.redaction)
            if decided[index].item.version.isTombstone {
                tombstones.append(shown)
            } else {
                try heedStatus(of: decided[index].item, in: &shown)
                items.append(shown)
            }
        }
        if !told.isEmpty || !untold.isEmpty {
            for (item, decision) in decided where !decision.permit && !item.version.isTombstone {
                hidden.insert(item.reference)
            }
            for (item, decision) in decided where decision.permit { hidden.remove(item.reference) }
        }
        withheld = Self.ordered(told)
        concealed = Self.ordered(untold)
        withheldOrConcealed =
            untold.isEmpty ? withheld : Self.ordered(told.merging(untold) { $0 + $1 })
    }

    private static func ordered(_ groups: [Group: Int]) -> [ReceiptDetail.Withheld] {
        groups.sorted { a, b in
            let (a, b) = (a.key, b.key)
            if a.category != b.category { return a.category < b.category }
            if a.rule != b.rule {
                return a.rule.rawValue.utf8.lexicographicallyPrecedes(b.rule.rawValue.utf8)
            }
            return a.basis.lexicographicallyPrecedes(b.basis)
        }.map { group, count in
            ReceiptDetail.Withheld(
                category: group.category.name, count: count, rule: group.rule.rawValue, basis: group.basis)
        }
    }
}

extension ViewAssembly {
    /// Every item held and not gone, in order, with what was decided of it.
    public func outcomes() throws(ProjectionError) -> [ItemOutcome] {
        var out: [ItemOutcome] = []
        for (item, decision) in decided where !item.version.isTombstone {
            do throws(WireError) {
                let meta = try ItemMeta(decoding: item.meta.bytes)
                let source = String(decoding: item.meta.source, as: UTF8.self)
                out.append(
                    ItemOutcome(
                        item: ItemDescriptor(
                            meta, source: source, subject: item.subject, category: item.category),
                        reference: item.reference, position: item.version.position,
                        recordedAt: item.version.recordedAt, decision: decision))
            } catch { throw .damaged(what: "the meta of an item of \(item.version.position): \(error)") }
        }
        return out
    }
}

extension [(item: HeldItem, decision: Decision)] {
    fileprivate var isInOrder: Bool {
        for index in indices.dropFirst() where HeldItem.precedes(self[index].item, self[index - 1].item) {
            return false
        }
        return true
    }
}

extension ViewAssembly {
    /// Hands the items shown over: who changes them afterwards changes the only ones there are.
    public mutating func takeItems() -> [ViewItem] {
        defer { items = [] }
        return items
    }
}

extension ViewAssembly {
    /// All that is held, before policy: the resources whole, each once, as `record` shows them.
    public static func everything(
        _ records: [[CategoryRecord]]
    ) throws(ProjectionError) -> (items: [ViewItem], tombstones: [ViewItem]) {
        var held: [HeldItem] = []
        for (subject, categories) in records.enumerated() {
            for record in categories {
                for version in record.versions {
                    let meta: ItemMetaView
                    do throws(WireError) { meta = try ItemMetaView(record.meta(of: version)) } catch {
                        throw .damaged(what: "the meta of an item of \(version.position): \(error)")
                    }
                    held.append(
                        HeldItem(
                            subject: subject, version: version, meta: meta,
                            category: record.category == .cited ? .other : record.category,
                            content: record.content(of: version)))
                }
            }
        }
        held.sort(by: HeldItem.precedes)
        var items: [ViewItem] = []
        var tombstones: [ViewItem] = []
        for item in held {
            let shown = ViewItem(
                item,
                ItemGround(
                    source: String(decoding: item.meta.source, as: UTF8.self), rule: "record", basis: []))
            if item.version.isTombstone { tombstones.append(shown) } else { items.append(shown) }
        }
        return (items, tombstones)
    }
}
