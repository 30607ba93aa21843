import CareRecord
import Wire

/// Decides every item of a patient's record and sorts it into shown, withheld and tombstones (decision 4, clauses 3 to 7).
public struct ViewAssembly {
    /// What policy says of an item.
    public typealias Decide = (ItemDescriptor) -> Decision

    public private(set) var items: [ViewItem] = []
    public private(set) var tombstones: [ViewItem] = []
    public private(set) var withheld: [ReceiptDetail.Withheld] = []

    /// The codes that a deleted item last had: subject's index, type and id.
    public typealias LastCodes = (Int, String, String) throws(ProjectionError) -> [Coding]

    private let decide: Decide
    private let lastCodes: LastCodes
    private var plain: [HeldItem] = []
    private var cited: [HeldItem] = []
    private var decided: [(item: HeldItem, decision: Decision)] = []

    /// - Parameter records: for each subject of the union, its record at the position.
    public init(records: [[CategoryRecord]], decide: @escaping Decide, lastCodes: @escaping LastCodes)
        throws(ProjectionError)
    {
        (self.decide, self.lastCodes) = (decide, lastCodes)
        for (subject, categories) in records.enumerated() {
            for category in categories { try take(category, of: subject) }
        }
        plain.sort(by: HeldItem.precedes)
        for item in plain { decided.append((item, decision(on: item))) }
        decideCited()
        decided.sort { HeldItem.precedes($0.item, $1.item) }
        sortOut()
    }

    private mutating func take(_ record: CategoryRecord, of subject: Int) throws(ProjectionError) {
        for version in record.versions {
            var meta: ItemMeta
            do throws(WireError) { meta = try record.decodedMeta(of: version) } catch {
                throw .damaged(what: "the meta of an item of \(version.position): \(error)")
            }
            if meta.operation == .delete { meta.codes = try lastCodes(subject, meta.type, meta.daybookID) }
            let content = record.content(of: version)
            var item = HeldItem(
                subject: subject, version: version, meta: meta, category: record.category, content: content)
            if record.category == .cited {
                cited.append(item)
                continue
            }
            guard !meta.splits.isEmpty, !version.isTombstone else {
                plain.append(item)
                continue
            }
            let parts = PatientParts(content: content, splits: meta.splits)
            item.content = parts.demographics
            plain.append(item)
            for category in parts.categories {
                item.category = category
                item.content = parts.part(category, id: meta.daybookID)
                plain.append(item)
            }
        }
    }

    private func decision(on item: HeldItem) -> Decision {
        decide(ItemDescriptor(item.meta, source: item.source, subject: item.subject, category: item.category))
    }

    // MARK: Cited resources

    /// An item that cites: where it stands in `decided`.
    private struct Citation: Hashable {
        var subject: Int
        var reference: String
    }

    private mutating func decideCited() {
        if cited.isEmpty { return }
        var citing: [Citation: [Int]] = [:]
        for (index, entry) in decided.enumerated() where !entry.item.version.isTombstone {
            let item = entry.item
            for reference in Set(item.meta.references) {
                if !item.meta.splits.isEmpty, !PatientParts.cites(reference, in: item.content) { continue }
                citing[Citation(subject: item.subject, reference: reference), default: []].append(index)
            }
        }
        var held: [Citation: [Int]] = [:]
        for (index, entry) in decided.enumerated() where !entry.item.version.isTombstone {
            held[Citation(subject: entry.item.subject, reference: entry.item.meta.reference), default: []]
                .append(index)
        }
        let count = decided.count
        for item in cited {
            let about: [Int]
            if item.meta.type == "Provenance" {
                about = Set(item.meta.references).flatMap {
                    held[Citation(subject: item.subject, reference: $0)] ?? []
                }.sorted()
            } else {
                about = citing[Citation(subject: item.subject, reference: item.meta.reference)] ?? []
            }
            decided.append(decision(onCited: item, following: about, of: decided[..<count]))
        }
    }

    /// - Parameter about: what cites the item, or what a Provenance is about, in the order of items.
    private func decision(
        onCited item: HeldItem, following about: [Int],
        of decided: ArraySlice<(item: HeldItem, decision: Decision)>
    ) -> (item: HeldItem, decision: Decision) {
        var item = item
        let isProvenance = item.meta.type == "Provenance"
        let withheld = about.first { !decided[$0].decision.permit }
        let shown = about.filter { decided[$0].decision.permit }
        // A tombstone is neither cited nor about anything any more.
        guard let first = about.first, !item.version.isTombstone else {
            item.category = .other
            return (item, decision(on: item))
        }
        if isProvenance ? withheld != nil : shown.isEmpty {
            let deciding = decided[isProvenance ? withheld ?? first : first]
            item.category = deciding.item.category
            return (item, deciding.decision)
        }
        // The first category, in the table's order, under which it would itself be permitted.
        var last: (item: HeldItem, decision: Decision)?
        for index in shown where decided[index].item.category != last?.item.category {
            item.category = decided[index].item.category
            let own = decision(on: item)
            if own.permit { return (item, own) }
            if last == nil { last = (item, own) }
            if isProvenance { break }
        }
        return last ?? (item, decision(on: item))
    }

    // MARK: Sorting out

    private struct Group: Hashable {
        var category: Category
        var rule: Rule
        var basis: [Position]
    }

    private mutating func sortOut() {
        var groups: [Group: Int] = [:]
        for (item, decision) in decided {
            if !decision.permit {
                // What is gone is not counted: it would tell of what was.
                if item.version.isTombstone { continue }
                groups[
                    Group(category: item.category, rule: decision.rule, basis: decision.basis), default: 0] +=
                    1
                continue
            }
            let shown = ViewItem(
                reference: item.meta.reference, position: item.version.position,
                recordedAt: item.version.recordedAt, effective: item.meta.effective, source: item.source,
                category: item.category, rule: decision.rule.rawValue, basis: decision.basis,
                resource: item.version.isTombstone ? nil : item.content)
            if item.version.isTombstone { tombstones.append(shown) } else { items.append(shown) }
        }
        withheld = groups.map { group, count in
            ReceiptDetail.Withheld(
                category: group.category.name, count: count, rule: group.rule.rawValue, basis: group.basis)
        }
        let order = Dictionary(uniqueKeysWithValues: Category.allCases.map { ($0.name, $0.rawValue) })
        withheld.sort { a, b in
            if a.category != b.category { return order[a.category] ?? 0 < order[b.category] ?? 0 }
            if a.rule != b.rule { return a.rule.utf8.lexicographicallyPrecedes(b.rule.utf8) }
            return a.basis.lexicographicallyPrecedes(b.basis)
        }
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
                    let meta: ItemMeta
                    do throws(WireError) { meta = try record.decodedMeta(of: version) } catch {
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
                reference: item.meta.reference, position: item.version.position,
                recordedAt: item.version.recordedAt, effective: item.meta.effective, source: item.source,
                category: item.category, rule: "record", basis: [],
                resource: item.version.isTombstone ? nil : item.content)
            if item.version.isTombstone { tombstones.append(shown) } else { items.append(shown) }
        }
        return (items, tombstones)
    }
}
