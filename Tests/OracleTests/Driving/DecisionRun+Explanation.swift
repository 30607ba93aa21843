import CareRecord
import Wire

/// An explanation's reasons are the oracle's, and what it says would change the answer does change the oracle's.
extension DecisionRun {
    /// Items whose changes are tried, of each question.
    static let triedItems = 2

    /// - Returns: what disagrees, in words.
    static func reasons(_ steps: [DecisionStep], _ verdict: Verdict) -> String? {
        let withheld = steps.first { $0.outcome == .withheld }
        guard !verdict.permit else {
            return withheld.map { "explained as withheld by \($0.rule), expected \(verdict)" }
        }
        guard let withheld, withheld.rule.rawValue == verdict.rule,
            withheld.basis.map(\.value) == verdict.basis
        else { return "explained by \(String(describing: withheld)), expected \(verdict)" }
        return nil
    }

    /// Tries every event of the explanation on the oracle.
    static func changes(
        _ changes: [ChangingEvent], subjects: [SubjectID], from verdict: Verdict, _ trial: ChangeTrial,
        on item: (key: String, subject: SubjectName, category: String)?, _ counts: inout [String: Int]
    ) -> [String] {
        var out: [String] = []
        var world = trial
        var before = verdict
        for change in changes {
            if verdict.permit { (world, before) = (trial, verdict) }
            guard world.append(change.event, subjects: subjects) else {
                counts["untried \(change.kind)", default: 0] += 1
                // What follows stands on it.
                if verdict.permit { continue } else { break }
            }
            guard let after = world.verdict(on: item) else {
                out.append("after \(change.words): the oracle decides nothing")
                break
            }
            counts["tried \(change.kind)", default: 0] += 1
            if after == before { out.append("\(change.words) changes nothing of \(before)") }
            if after.permit != change.then.permit || after.rule != change.then.rule.rawValue {
                out.append("after \(change.words): explained \(change.then), the oracle \(after)")
            }
            before = after
        }
        return out
    }
}
