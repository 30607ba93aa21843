import CareRecord
import Intake
import Projections
import Wire

/// A point at which something may change, and what is there: events, or periods that begin or end.
struct DifferenceStep {
    var point: AskedPoint
    var events: [Position] = []
    /// The events whose periods begin or end at this instant.
    var lapses: [Position] = []
}

/// What became visible and what ceased to be, gathered, then written in one fixed order of members.
struct Difference {
    private struct Change {
        var point: AskedPoint
        var isVisible: Bool
        var item: ItemOutcome
        /// Nil where it may not be told.
        var decision: Decision?
        var causes: [Position]
        /// No event was recorded then: a period began or ended.
        var isLapse: Bool
    }

    private struct Key: Hashable {
        var reference: String
        var category: Category
    }

    private let request: ViewRequest
    private let start: AskedPoint
    private let end: AskedPoint
    private let isSimulated: Bool
    private let seesContent: Bool
    private var changes: [Change] = []
    var events: [ToldEvent] = []

    init(_ request: ViewRequest, _ start: AskedPoint, _ end: AskedPoint, isSimulated: Bool, seesContent: Bool)
    {
        (self.request, self.start, self.end) = (request, start, end)
        (self.isSimulated, self.seesContent) = (isSimulated, seesContent)
    }

    var positions: [Position] { changes.flatMap(\.causes) }

    /// The items that it names, each once, by the rule under which they are or were shown.
    var named: [(item: ReceiptDetail.Item, source: String)] {
        var met: Set<ReceiptDetail.Item> = []
        return changes.compactMap { change in
            let item = ReceiptDetail.Item(
                reference: change.item.reference, position: change.item.position,
                category: change.item.item.category.name, rule: change.item.decision.rule.rawValue)
            return met.insert(item).inserted ? (item, change.item.item.source) : nil
        }
    }

    mutating func add(from before: Sight, to after: Sight, _ step: DifferenceStep, _ telling: Telling) {
        let (old, new) = (Self.byItem(before), Self.byItem(after))
        func shown(_ outcome: ItemOutcome?) -> Bool {
            outcome.map { $0.decision.permit && telling.tells($0) } ?? false
        }
        let keys = Set(old.keys).union(new.keys).sorted {
            ($0.category, $0.reference) < ($1.category, $1.reference)
        }
        for key in keys where shown(old[key]) != shown(new[key]) {
            let isVisible = shown(new[key])
            guard let item = isVisible ? new[key] : old[key] else { continue }
            // What an item ceased to be shown by is told to those who may know what is withheld.
            let now = new[key]?.decision ?? (after.decision.permit ? nil : telling.whole(after))
            let mayTell =
                isVisible
                || new[key].map { telling.tellsWhy($0.decision) }
                    ?? (after.told == telling.whole(after) || telling.operatorSight.seesConcealed)
            let isConcealed = !after.decision.permit && after.decision != telling.whole(after)
            let tells = mayTell && !isConcealed
            var bases = Set(
                (old[key]?.decision.basis ?? before.decision.basis) + (now?.basis ?? after.decision.basis))
            bases.insert(item.position)
            // Where both happen at one instant, either may have done it.
            let candidates = Array(Set(step.events + step.lapses)).sorted()
            // Where the number or name came to mean somebody else, whatever happened then may have done it.
            let isSamePatient = before.patient.union?.subjects == after.patient.union?.subjects
            let named = isSamePatient ? candidates.filter { bases.contains($0) } : []
            changes.append(
                Change(
                    point: step.point, isVisible: isVisible, item: item, decision: tells ? now : nil,
                    causes: tells ? (named.isEmpty ? candidates : named) : [], isLapse: step.events.isEmpty))
        }
    }

    private static func byItem(_ sight: Sight) -> [Key: ItemOutcome] {
        Dictionary(
            sight.outcomes.map { (Key(reference: $0.reference, category: $0.item.category), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    var json: [UInt8] {
        var w = JSONWriter(capacity: 4096)
        w.object { w in
            w.key("patient")
            w.object { w in
                w.member(request.patient.isNumber ? "nhsNumber" : "id", request.patient.description)
            }
            w.member("as", request.user)
            for (name, point) in [("from", start), ("to", end)] {
                w.key(name)
                w.object { w in
                    w.member("position", point.position.value)
                    w.member("time", ifPresent: point.shown?.rfc3339)
                }
            }
            w.member("final", end.isFinal)
            if isSimulated { w.member("simulatedClock", true) }
            w.key("changes")
            w.array { w in for change in changes { write(change, into: &w) } }
            w.key("events")
            w.array { w in for event in events { event.write(into: &w) } }
        }
        return w.finish()
    }

    private func write(_ change: Change, into w: inout JSONWriter) {
        w.object { w in
            w.member("became", change.isVisible ? "visible" : "not visible")
            w.member("position", change.point.position.value)
            w.member("time", change.point.instant.rfc3339)
            w.member("category", change.item.item.category.name)
            w.member("source", change.item.item.source)
            if seesContent { w.member("item", change.item.reference) }
            if let decision = change.decision { w.member("rule", decision.rule.rawValue) }
            if !change.causes.isEmpty {
                w.member("cause", change.isLapse ? "time" : "event")
                w.member("events", change.causes)
            }
        }
    }
}
