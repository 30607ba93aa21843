import CareRecord
import Intake
import Projections
import Wire

/// The body of an explanation, gathered, then written in one fixed order of members.
struct Explanation {
    private struct Part {
        var members: [(String, String)]
        var count: Int?
        var references: [String]
        var decision: Decision
        var steps: [DecisionStep]
        var changes: [ChangingEvent]
    }

    private let request: ViewRequest
    private let sight: Sight
    private let telling: Telling
    private let isSimulated: Bool
    private var whole: Part?
    private var parts: [Part] = []
    private var askedItem: String?
    var knownAt: Position?
    var events: [ToldEvent] = []

    init(_ request: ViewRequest, _ sight: Sight, _ telling: Telling, isSimulated: Bool) {
        (self.request, self.sight, self.telling, self.isSimulated) = (request, sight, telling, isSimulated)
    }

    /// Of every event that is named.
    var positions: [Position] {
        ([whole].compactMap(\.self) + parts).flatMap { part in
            part.decision.basis + part.steps.flatMap(\.basis)
                + part.steps.compactMap { if case .overridden(let by) = $0.outcome { by } else { nil } }
        }
    }

    /// Rules that look at the viewer, and what would change the view as a whole.
    mutating func addWhole(_ sight: Sight, _ telling: Telling, _ history: RegionHistory) {
        var facts = sight.patient.facts
        if telling.whole(sight) != sight.decision {
            // As a stranger's question: what conceals the patient is not told, by its absence either.
            facts.entries.removeAll { sight.decision.basis.contains($0.position) }
        }
        whole = Part(
            members: [], count: nil, references: [], decision: telling.whole(sight),
            steps: history.viewerSteps(sight.request, patient: facts),
            changes: sight.decision.rule == .unknownPatient
                ? [] : Counterfactual(history, facts, sight.request, item: nil).changes)
    }

    /// One item, rule by rule.
    mutating func addItem(_ name: String, _ found: [ItemOutcome], _ sight: Sight, _ history: RegionHistory) {
        askedItem = name
        guard case .permit(let context) = history.decide(sight.request, patient: sight.patient.facts) else {
            return
        }
        for outcome in found {
            parts.append(
                Part(
                    members: [("category", outcome.item.category.name), ("source", outcome.item.source)],
                    count: nil,
                    references: [outcome.reference], decision: outcome.decision,
                    steps: context.steps(outcome.item),
                    changes: Counterfactual(history, sight.patient.facts, sight.request, item: outcome.item)
                        .changes))
        }
    }

    /// All items, those together that have category, source and reason in common.
    mutating func addGroups(_ outcomes: [ItemOutcome]) {
        for outcome in outcomes {
            let members = [("category", outcome.item.category.name), ("source", outcome.item.source)]
            let same = parts.firstIndex {
                $0.decision == outcome.decision && $0.members[0] == members[0] && $0.members[1] == members[1]
            }
            if let same {
                parts[same].count = (parts[same].count ?? 0) + 1
                parts[same].references.append(outcome.reference)
            } else {
                parts.append(
                    Part(
                        members: members, count: 1, references: [outcome.reference],
                        decision: outcome.decision,
                        steps: [], changes: []))
            }
        }
    }

    var json: [UInt8] {
        var w = JSONWriter(capacity: 4096)
        w.object { w in
            w.key("patient")
            w.object { w in
                w.member(request.patient.isNumber ? "nhsNumber" : "id", request.patient.description)
            }
            if let viewer = sight.viewer {
                w.key("viewer")
                Receipt.Person(viewer).write(into: &w)
            }
            w.key("at")
            w.object { w in
                w.member("position", sight.point.position.value)
                w.member("time", ifPresent: sight.point.shown?.rfc3339)
            }
            w.member("final", sight.point.isFinal)
            if let knownAt { w.member("knownAt", knownAt.value) }
            if isSimulated { w.member("simulatedClock", true) }
            w.member("purpose", sight.request.purpose)
            if let whole { write(whole, into: &w) }
            w.member("item", ifPresent: askedItem)
            if askedItem != nil, parts.isEmpty {
                w.member("notHeld", "no item of that name is held that you may be told of")
            }
            w.key("items")
            w.array { w in for part in parts { w.object { w in write(part, into: &w) } } }
            w.key("events")
            w.array { w in for event in events { event.write(into: &w) } }
        }
        return w.finish()
    }

    private func write(_ part: Part, into w: inout JSONWriter) {
        for (name, value) in part.members { w.member(name, value) }
        if let count = part.count { w.member("count", count) }
        if !part.references.isEmpty, telling.seesContent {
            w.key("references")
            w.array { w in for reference in part.references { w.string(reference) } }
        }
        w.key("decision")
        w.object { w in
            w.member("outcome", part.decision.permit ? "permit" : "withhold")
            w.member("rule", part.decision.rule.rawValue)
            w.member("words", part.decision.rule.words)
            w.member("basis", part.decision.basis)
        }
        if !part.steps.isEmpty {
            w.key("steps")
            w.array { w in for step in part.steps { step.write(into: &w) } }
        }
        if !part.changes.isEmpty {
            w.key("wouldChange")
            w.array { w in
                for change in part.changes {
                    w.object { w in
                        w.member("event", change.kind)
                        w.member("words", change.words)
                        w.member("then", change.then.words)
                    }
                }
            }
        }
    }
}

extension DecisionStep {
    fileprivate func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("rule", rule.rawValue)
            w.member("words", rule.words)
            switch outcome {
            case .passed: w.member("outcome", "passed")
            case .notAsked: w.member("outcome", "not-asked")
            case .withheld: w.member("outcome", "withheld")
            case .overridden(let by):
                w.member("outcome", "overridden")
                w.member("by", by.value)
            }
            w.member("basis", basis)
        }
    }
}
