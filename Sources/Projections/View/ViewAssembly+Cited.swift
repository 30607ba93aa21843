import CareRecord
import Intake
import Wire

/// Resources that follow others: what is cited and of no category of its own, a Provenance, and a document's bytes (decision 4, clause 6;
/// decision 19, clause 6).
extension ViewAssembly {
    /// An item that cites: where it stands in `decided`.
    private struct Citation: Hashable {
        var subject: Int
        var reference: String
    }

    mutating func decideCited() throws(ProjectionError) {
        // First: a Provenance may be about one.
        let documents = cited.filter { isType("Binary", $0) }
        if !documents.isEmpty {
            try decide(documents: documents)
            cited = cited.filter { !isType("Binary", $0) }
        }
        if cited.isEmpty { return }
        let (citing, held) = try citations()
        let before = decided
        for item in cited {
            let about: [Int]
            if isProvenance(item) {
                about = Set(try references(of: item)).flatMap {
                    held[Citation(subject: item.subject, reference: $0)] ?? []
                }.sorted()
            } else {
                about = citing[Citation(subject: item.subject, reference: reference(of: item))] ?? []
            }
            decided.append(try decision(onCited: item, following: about, of: before))
        }
    }

    /// Where in `decided` what cites a reference stands, and what it names.
    private func citations() throws(ProjectionError) -> (citing: [Citation: [Int]], held: [Citation: [Int]]) {
        var citing: [Citation: [Int]] = [:]
        var held: [Citation: [Int]] = [:]
        for (index, entry) in decided.enumerated() where !entry.item.version.isTombstone {
            let item = entry.item
            held[Citation(subject: item.subject, reference: reference(of: item)), default: []].append(index)
            let isSplit = isType("Patient", item)
            for reference in Set(try references(of: item)) {
                if isSplit, !PatientParts.cites(reference, in: content(of: item)) { continue }
                citing[Citation(subject: item.subject, reference: reference), default: []].append(index)
            }
        }
        return (citing, held)
    }

    private func isProvenance(_ item: HeldItem) -> Bool { isType("Provenance", item) }

    private func isType(_ name: StaticString, _ item: HeldItem) -> Bool {
        let bytes = bytes(of: item)
        return item.meta.isType(name, in: bytes.span)
    }

    private func references(of item: HeldItem) throws(ProjectionError) -> [String] {
        do throws(WireError) {
            return try meta(of: item).references().map { String(decoding: $0, as: UTF8.self) }
        } catch { throw Self.damaged(item.version, error) }
    }

    /// - Parameter about: what cites the item, or what a Provenance is about, in the order of items.
    private mutating func decision(
        onCited item: HeldItem, following about: [Int], of decided: [DecidedItem]
    ) throws(ProjectionError) -> DecidedItem {
        var item = item
        let isProvenance = isProvenance(item)
        let withheld = about.first { !decisions[decided[$0].decision].permit }
        let shown = about.filter { decisions[decided[$0].decision].permit }
        // A tombstone is neither cited nor about anything any more.
        guard let first = about.first, !item.version.isTombstone else {
            item.category = .other
            return try decision(on: item)
        }
        if isProvenance ? withheld != nil : shown.isEmpty {
            let deciding = decided[isProvenance ? withheld ?? first : first]
            item.category = deciding.item.category
            return DecidedItem(
                item: item, source: source(of: item, in: bytes(of: item)), decision: deciding.decision)
        }
        // The first category, in the table's order, under which it would itself be permitted.
        var firstOwn: DecidedItem?
        var last: Category?
        for index in shown where decided[index].item.category != last {
            item.category = decided[index].item.category
            last = item.category
            let own = try decision(on: item)
            if decisions[own.decision].permit { return own }
            if firstOwn == nil { firstOwn = own }
            if isProvenance { break }
        }
        if let firstOwn { return firstOwn }
        return try decision(on: item)
    }

    // MARK: A document's bytes

    private mutating func decide(documents: [HeldItem]) throws(ProjectionError) {
        let (found, held) = try citations()
        var citing = found
        try cite(documents, &citing)
        let before = decided
        for item in documents { decided.append(try decision(onBytes: item, citing, held, before)) }
        sort()
    }

    /// Adds who has an attachment that is one of the documents: attachments are addresses, which no meta lists.
    private func cite(
        _ documents: [HeldItem], _ citing: inout [Citation: [Int]]
    ) throws(ProjectionError) {
        // As the source calls it, and as Daybook does.
        var names: [Citation: String] = [:]
        for item in documents {
            let own = reference(of: item)
            names[Citation(subject: item.subject, reference: own)] = own
            names[Citation(subject: item.subject, reference: "Binary/\(try sourceID(of: item))")] = own
        }
        let subjects = Set(documents.map(\.subject))
        for (index, entry) in decided.enumerated()
        where subjects.contains(entry.item.subject) && !entry.item.version.isTombstone {
            for name in Set(try addresses(in: content(of: entry.item))) {
                guard let own = names[Citation(subject: entry.item.subject, reference: name)] else {
                    continue
                }
                let citation = Citation(subject: entry.item.subject, reference: own)
                if citing[citation]?.contains(index) ?? false { continue }
                citing[citation, default: []].append(index)
                citing[citation]?.sort()
            }
        }
    }

    private func sourceID(of item: HeldItem) throws(ProjectionError) -> String {
        do throws(WireError) { return try ItemMeta(decoding: meta(of: item).bytes).sourceID } catch {
            throw Self.damaged(item.version, error)
        }
    }

    /// `Type/id` at the end of every `url`, whatever stands before it.
    private func addresses(in content: ArraySlice<UInt8>) throws(ProjectionError) -> [String] {
        // An escape may stand for any letter.
        guard content.contains(bytes: Array("Binary".utf8)) || content.contains(UInt8(ascii: "\\")) else {
            return []
        }
        let root: JSONCursor
        do throws(JSONError) { root = try JSONDocument(Array(content)).root } catch {
            throw .damaged(what: "a resource: \(error)")
        }
        var out: [String] = []
        Self.collectAddresses(root, &out)
        return out
    }

    private static func collectAddresses(_ value: JSONCursor, _ out: inout [String]) {
        switch value.kind {
        case .object:
            for (name, member) in value.members {
                guard name == "url", let text = member.string else {
                    collectAddresses(member, &out)
                    continue
                }
                let parts = text[..<(text.firstRange(of: "/_history/")?.lowerBound ?? text.endIndex)]
                    .split(separator: "/").suffix(2)
                if parts.count == 2 { out.append(parts.joined(separator: "/")) }
            }
        case .array: for element in value.elements { collectAddresses(element, &out) }
        default: break
        }
    }

    /// A Binary is shown under its own category, where anything that cites it is shown, or nothing ever did; and where what it names as the
    /// context of its security is (FHIR R4, Binary.securityContext).
    private mutating func decision(
        onBytes item: HeldItem, _ citing: [Citation: [Int]], _ held: [Citation: [Int]],
        _ decided: [DecidedItem]
    ) throws(ProjectionError) -> DecidedItem {
        let own = try decision(on: item)
        // What is kept back by itself is told as that: a seal that nobody is told of is not told as the document's.
        guard decisions[own.decision].permit else { return own }
        let about = citing[Citation(subject: item.subject, reference: reference(of: item))] ?? []
        let contexts = try references(of: item).filter { !$0.hasPrefix("Patient/") }.flatMap {
            held[Citation(subject: item.subject, reference: $0)] ?? []
        }
        let deciding: Int?
        if let withheld = contexts.first(where: { !decisions[decided[$0].decision].permit }) {
            deciding = withheld
        } else if about.isEmpty {
            deciding = withheldDocument(besides: item, decided)
        } else {
            deciding = about.contains { decisions[decided[$0].decision].permit } ? nil : about[0]
        }
        guard let deciding else { return own }
        var item = item
        item.category = decided[deciding].item.category
        return DecidedItem(item: item, source: own.source, decision: decided[deciding].decision)
    }

    /// What is taken back says no more whose bytes those were, or under whose security: where a withheld document may have been it, it was.
    private func withheldDocument(besides item: HeldItem, _ decided: [DecidedItem]) -> Int? {
        decided.firstIndex { other in
            other.item.subject == item.subject && !decisions[other.decision].permit
                && (other.item.version.isTombstone || item.version.isTombstone)
                && isType("DocumentReference", other.item)
        }
    }
}
