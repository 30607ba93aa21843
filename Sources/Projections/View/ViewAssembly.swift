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
    /// `Type/id` of every item of which no part is shown, gone ones among them: what hid an item hides that it is gone.
    public private(set) var hidden: Set<String> = []
    /// Items whose status says that they were corrected, in order.
    public private(set) var corrected: [CorrectedItem] = []
    /// The sources of all that is shown, of what was not asked for as well.
    public private(set) var shownSources: Set<String> = []

    /// The codes that a deleted item last had: subject's index, type and id.
    public typealias LastCodes = (Int, String, String) throws(ProjectionError) -> [Coding]

    /// What policy looks at in an item beside its source and category.
    public enum Needs: Sendable { case nothing, codes, everything }

    private let decide: Decide
    private let lastCodes: LastCodes
    private let needs: Needs
    /// Of each subject; nil where nothing is held of it.
    private let buffers: [RecordBuffers?]
    /// Of Patients that were taken apart: contents made here.
    private var parts: [ArraySlice<UInt8>] = []
    /// What items say by number: sources and decisions come in runs, and an item is moved more often than it is asked.
    var sources: [(name: String, bytes: [UInt8])] = []
    var decisions: [Decision] = []
    /// The last item's source, and where its name stands in the subject's bytes.
    private var lastSource: (subject: Int, name: Range<Int>, number: Int)?
    private var lastPlain: (subject: Int, category: Category, source: Int, decision: Int)?
    /// What is decided once all else is, by what cites it.
    var cited: [HeldItem] = []
    var decided: [DecidedItem] = []

    private let only: OnlyItem?

    /// - Parameters:
    ///   - records: for each subject of the union, its record at the position.
    ///   - only: `Type/id` of the items that are wanted: all are decided, and of the others neither item nor tombstone is made.
    public init(
        records: [[CategoryRecord]], needs: Needs, decide: @escaping Decide, lastCodes: @escaping LastCodes,
        only: String? = nil
    ) throws(ProjectionError) {
        (self.decide, self.lastCodes, self.needs) = (decide, lastCodes, needs)
        self.only = only.flatMap { OnlyItem($0) }
        buffers = records.map { $0.first?.buffers }
        decided.reserveCapacity(records.reduce(8) { $1.reduce($0) { $0 + $1.versions.count } })
        var split: [HeldItem] = []
        for (subject, categories) in records.enumerated() {
            for category in categories { try take(category, of: subject, &split) }
        }
        // One subject's items come in order, but for a Patient's parts.
        let isInOrder = records.count < 2 || Self.isInOrder(decided, buffers)
        if isInOrder, split.count <= Self.fewParts {
            for part in split { try insert(part) }
        } else {
            for part in split { decided.append(try decision(on: part)) }
            sort()
        }
        if !cited.isEmpty {
            try decideCited()
            sort()
        }
        try sortOut()
    }

    /// Parts of Patients that are put in their places one by one: more are sorted in with all the rest.
    private static let fewParts = 32

    private static func isInOrder(_ decided: [DecidedItem], _ buffers: [RecordBuffers?]) -> Bool {
        for index in decided.indices.dropFirst()
        where HeldItem.precedes(decided[index].item, decided[index - 1].item, buffers) { return false }
        return true
    }

    mutating func sort() {
        let buffers = buffers
        decided.sort { HeldItem.precedes($0.item, $1.item, buffers) }
    }

    /// Puts a part where it belongs among the items in order.
    private mutating func insert(_ part: HeldItem) throws(ProjectionError) {
        var (low, high) = (0, decided.count)
        while low < high {
            let middle = (low + high) / 2
            if HeldItem.precedes(part, decided[middle].item, buffers) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        decided.insert(try decision(on: part), at: low)
    }

    private mutating func take(
        _ record: CategoryRecord, of subject: Int, _ split: inout [HeldItem]
    ) throws(ProjectionError) {
        let bytes = record.buffers.bytes
        for version in record.versions {
            let meta: ItemMetaPlaces
            do throws(WireError) { meta = try ItemMetaPlaces(bytes.span, version.meta) } catch {
                throw Self.damaged(version, error)
            }
            let item = HeldItem(subject: subject, version: version, meta: meta, category: record.category)
            if record.category == .cited
                || record.category == .documents && meta.isType("Binary", in: bytes.span)
            {
                cited.append(item)
            } else if !version.isTombstone, meta.isType("Patient", in: bytes.span) {
                try take(patient: item, in: bytes, &split)
            } else {
                decided.append(try decision(on: item, in: bytes))
            }
        }
    }

    /// Only a Patient is split; looking for splits walks the whole meta.
    private mutating func take(
        patient: HeldItem, in bytes: [UInt8], _ split: inout [HeldItem]
    ) throws(ProjectionError) {
        var item = patient
        let splits: [ItemSplit]
        do throws(WireError) { splits = try ItemMetaView(item.meta, of: bytes).splits() } catch {
            throw Self.damaged(item.version, error)
        }
        guard !splits.isEmpty else {
            decided.append(try decision(on: item, in: bytes))
            return
        }
        let whole = PatientParts(content: bytes[item.version.content], splits: splits)
        item.part = parts.count
        parts.append(whole.demographics)
        decided.append(try decision(on: item, in: bytes))
        let id = String(decoding: bytes[item.meta.daybookID], as: UTF8.self)
        for category in whole.categories {
            (item.category, item.part) = (category, parts.count)
            parts.append(whole.part(category, id: id))
            split.append(item)
        }
    }

    static func damaged(_ version: RecordVersion, _ error: WireError) -> ProjectionError {
        .damaged(what: "the meta of an item of \(version.position): \(error)")
    }

    /// - Precondition: something of its subject is held.
    func bytes(of item: HeldItem) -> [UInt8] { buffers[item.subject]?.bytes ?? [] }

    func meta(of item: HeldItem) -> ItemMetaView { ItemMetaView(item.meta, of: bytes(of: item)) }

    func reference(of item: HeldItem) -> String { item.meta.reference(in: bytes(of: item)) }

    func content(of item: HeldItem) -> ArraySlice<UInt8> {
        if let part = item.part { return parts[part] }
        return bytes(of: item)[item.version.content]
    }

    /// Items of one source come in runs: its name is made once.
    mutating func source(of item: HeldItem, in bytes: borrowing [UInt8]) -> Int {
        if let last = lastSource, last.subject == item.subject,
            item.meta.isFrom(last.name, in: bytes.span)
        {
            return last.number
        }
        let name = item.meta.source(in: bytes.span)
        let found = Array(bytes[name])
        var number = sources.firstIndex { $0.bytes == found }
        if number == nil {
            number = sources.count
            sources.append((String(decoding: found, as: UTF8.self), found))
        }
        lastSource = (item.subject, name, number ?? 0)
        return number ?? 0
    }

    mutating func decision(on item: HeldItem) throws(ProjectionError) -> DecidedItem {
        try decision(on: item, in: bytes(of: item))
    }

    /// - Parameter bytes: its subject's.
    private mutating func decision(
        on item: HeldItem, in bytes: borrowing [UInt8]
    ) throws(ProjectionError) -> DecidedItem {
        let source = source(of: item, in: bytes)
        if needs == .nothing, item.meta.operation != .delete {
            return DecidedItem(
                item: item, source: source, decision: decision(source, item.category, item.subject))
        }
        let name = sources[source].name
        let descriptor: ItemDescriptor
        do throws(WireError) {
            if item.meta.operation == .delete || needs == .everything {
                var meta = try ItemMeta(decoding: meta(of: item).bytes)
                if meta.operation == .delete {
                    meta.codes = try codes(ofDeleted: meta, subject: item.subject).get()
                }
                descriptor = ItemDescriptor(
                    meta, source: name, subject: item.subject, category: item.category)
            } else {
                descriptor = ItemDescriptor(
                    source: name, category: item.category, codes: try meta(of: item).codes(),
                    subject: item.subject)
            }
        } catch { throw Self.damaged(item.version, error) }
        return DecidedItem(item: item, source: source, decision: number(of: decide(descriptor)))
    }

    /// Where policy looks at nothing else, a run of items of one source and category is decided once.
    private mutating func decision(_ source: Int, _ category: Category, _ subject: Int) -> Int {
        if let last = lastPlain, last.subject == subject, last.category == category, last.source == source {
            return last.decision
        }
        let made = number(
            of: decide(
                ItemDescriptor(
                    source: sources[source].name, category: category, codes: [], subject: subject)))
        lastPlain = (subject, category, source, made)
        return made
    }

    /// A decision like the one before has its number.
    private mutating func number(of decision: Decision) -> Int {
        if decisions.isEmpty || decisions[decisions.count - 1] != decision { decisions.append(decision) }
        return decisions.count - 1
    }

    private func codes(ofDeleted meta: ItemMeta, subject: Int) -> Result<[Coding], WireError> {
        do throws(ProjectionError) {
            return .success(try lastCodes(subject, meta.type, meta.daybookID))
        } catch { return .failure(WireError(.invalid, at: 0, what: "\(error)")) }
    }

    // MARK: Sorting out

    private struct Group: Hashable {
        var category: Category
        var rule: Rule
        var basis: [Position]
    }

    /// A cancelled result shows no value; of a corrected one, what it said before is to be found.
    private mutating func heed(
        _ status: ResultStatus, of item: HeldItem, in shown: inout ViewItem
    ) throws(ProjectionError) {
        switch status {
        case .cancelled: shown.resource = try ResultValue.removed(from: content(of: item))
        case .corrected:
            corrected.append(
                CorrectedItem(
                    index: items.count, subject: item.subject, meta: meta(of: item),
                    version: item.version, content: content(of: item)))
        }
    }

    // Mutating, as all that looks at the tables while they are being made: a read of `self` beside a change of it is a copy.

    /// Neighbours with the same source, decision and subject: what they have in common is asked once.
    private struct Run {
        var range: Range<Int>
        var source: Int
        var decision: Int
    }

    private mutating func run(from start: Int) -> Run {
        var end = start + 1
        let (source, decision) = (decided[start].source, decided[start].decision)
        let subject = decided[start].item.subject
        while end < decided.count, decided[end].source == source, decided[end].decision == decision,
            decided[end].item.subject == subject
        {
            end += 1
        }
        return Run(range: start..<end, source: source, decision: decision)
    }

    private mutating func sortOut() throws(ProjectionError) {
        var told: [Group: Int] = [:]
        var untold: [Group: Int] = [:]
        if only == nil { items.reserveCapacity(decided.count) }
        var isAnyWithheld = false
        var last: ItemGround?
        var next = 0
        while next < decided.count {
            let run = run(from: next)
            next = run.range.upperBound
            if decisions[run.decision].permit {
                let ground = try ground(of: decided[run.range.lowerBound], after: last)
                last = ground
                try show(run, on: ground)
            } else {
                isAnyWithheld = true
                for index in run.range { count(decided[index], &told, &untold) }
            }
        }
        if isAnyWithheld {
            for entry in decided where !decisions[entry.decision].permit {
                hidden.insert(reference(of: entry.item))
            }
            for entry in decided where decisions[entry.decision].permit {
                hidden.remove(reference(of: entry.item))
            }
        }
        withheld = Self.ordered(told)
        concealed = Self.ordered(untold)
        withheldOrConcealed =
            untold.isEmpty ? withheld : Self.ordered(told.merging(untold) { $0 + $1 })
    }

    /// Items that policy shows.
    private mutating func show(_ run: Run, on ground: ItemGround) throws(ProjectionError) {
        let bytes = ground.buffers.bytes
        let redaction = decisions[run.decision].redaction
        // Entries are large: they are looked at where they are.
        let all = decided
        let entries = all.span
        var isAnyThere = false
        for index in run.range {
            let isTombstone = entries[index].item.version.isTombstone
            if !isTombstone { isAnyThere = true }
            if let only, !only.isNamed(by: entries[index].item.meta, in: bytes) { continue }
            var shown = ViewItem(
                entries[index].item, ground, redaction: redaction,
                made: entries[index].item.part.map { parts[$0] })
            if isTombstone {
                tombstones.append(consume shown)
                continue
            }
            if let status = ResultStatus(entries[index].item.meta, in: bytes.span) {
                try heed(status, of: entries[index].item, in: &shown)
            }
            items.append(consume shown)
        }
        if isAnyThere { shownSources.insert(sources[run.source].name) }
    }

    /// Counts what is withheld. What is gone is not counted: it would tell of what was.
    private mutating func count(
        _ entry: DecidedItem, _ told: inout [Group: Int], _ untold: inout [Group: Int]
    ) {
        if entry.item.version.isTombstone { return }
        let decision = decisions[entry.decision]
        let group = Group(category: entry.item.category, rule: decision.rule, basis: decision.basis)
        if decision.disclosure == .nothing {
            untold[group, default: 0] += 1
        } else {
            told[group, default: 0] += 1
        }
        if decision.disclosure == .sealedItem { sealed[sources[entry.source].name, default: 0] += 1 }
    }

    /// The ground before, where it says the same: decisions of other categories often do.
    private mutating func ground(
        of entry: DecidedItem, after last: ItemGround?
    ) throws(ProjectionError) -> ItemGround {
        guard let buffers = buffers[entry.item.subject] else {
            throw .damaged(what: "an item of a record that was not read")
        }
        let (source, decision) = (sources[entry.source].name, decisions[entry.decision])
        if let last, last.buffers === buffers, last.source == source, last.rule == decision.rule.rawValue,
            last.basis == decision.basis
        {
            return last
        }
        return ItemGround(buffers, source: source, rule: decision.rule.rawValue, basis: decision.basis)
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
    /// Hands the items shown over: who changes them afterwards changes the only ones there are.
    public mutating func takeItems() -> [ViewItem] {
        defer { items = [] }
        return items
    }
}
