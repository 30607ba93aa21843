import CareRecord
import Projections
import Wire

/// What a view says for safety's sake beside its items (decision 7).
extension Store {
    /// How long a view says that identity changed.
    static let identityChangedPeriod = CalendarDuration("P28D")!

    /// The event that last joined or parted what is shown, while the answer's instant is within 28 days of it.
    func recentChange(
        of union: PatientUnion, at point: AskedPoint, _ calendar: StoreCalendar
    ) throws(StoreError) -> Position? {
        guard let changed = union.changed else { return nil }
        let recorded = try StoreError.translating { try log.time(of: changed) }
        return point.instant <= calendar.end(of: Self.identityChangedPeriod, from: recorded) ? changed : nil
    }

    /// Of each corrected item, what it said before, where policy shows that too.
    ///
    /// - Returns: the events that those decisions stand on.
    func addPrevious(
        to items: inout [ViewItem], _ corrected: [CorrectedItem], _ records: [[CategoryRecord]],
        _ union: PatientUnion, _ own: OwnSight
    ) throws(ProjectionError) -> Set<Position> {
        var basis: Set<Position> = []
        let versions = PreviousVersions(record, opener: opener, subjects: union.subjects, records: records)
        for item in corrected {
            let source = items[item.index].source
            items[item.index].previous = try versions.previous(of: item) {
                (meta: ItemMetaView) throws(ProjectionError) in
                do throws(WireError) {
                    let descriptor =
                        own.looksAtNames
                        ? ItemDescriptor(
                            try ItemMeta(decoding: meta.bytes), source: source, subject: item.subject)
                        : ItemDescriptor(
                            source: source, category: meta.category,
                            codes: own.looksAtCodes ? try meta.codes() : [], subject: item.subject)
                    let decision = own.decide(descriptor)
                    if decision.permit { basis.formUnion(decision.basis) }
                    return decision.permit
                } catch { throw .damaged(what: "the meta of an earlier version: \(error)") }
            }
        }
        return basis
    }
}

extension ViewAnswer {
    /// Rules that the answer names as withholding, or that the viewer knows of themself: what offers may answer.
    func denials(lacksPermission: Bool) -> Set<Rule> {
        guard permitted else { return Set([Rule(rawValue: rule)].compactMap(\.self)) }
        var out = Set((withheld ?? []).compactMap { Rule(rawValue: $0.rule) })
        out.remove(.permission)
        if lacksPermission { out.insert(.permission) }
        return out
    }
}
