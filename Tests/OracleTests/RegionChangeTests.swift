import CareRecord
import Intake
import Testing

@testable import Server

/// Of any two region files, one after the other: whoever sees more by the oracle is told of by a dry run and waits for a second person;
/// whoever sees less is told of.
@Suite struct RegionChangeTests {
    private struct Count {
        var files = 0
        var gained = 0
        var lost = 0
        /// Files that go without approval though they change something.
        var unasked = 0
    }

    @Test func whoeverGainsSightIsToldOfAndWaitsForApproval() throws {
        var count = Count()
        for seed in UInt64(1)...30 {
            var history = History.served(seed: seed, length: 50)
            let patients = Set(
                history.steps.compactMap { step in
                    if case .ask(let question) = step { question.patient } else { nil }
                }.filter(\.isNumber))
            history.steps.removeAll { step in if case .ask = step { true } else { false } }
            let before = try DecisionRun(history)
            guard let region = before.prediction.region else { continue }
            let days = (-3...6).map { History.date(history.start + Int64($0) * 86_400_000_000) }
            let regions = RegionFactory(days: days)
            var rng = SplitMix64(seed: seed)
            for _ in 0..<6 {
                let next = regions.changed(region, rng: &rng)
                try check(
                    before, region, next, patients.sorted { $0.text < $1.text }, "seed \(seed)", &count)
            }
        }
        print("region files: \(count)")
        #expect(count.gained > 10 && count.lost > 10 && count.unasked > 10, "\(count)")
    }

    private func check(
        _ before: DecisionRun, _ old: RegionSpec, _ new: RegionSpec, _ patients: [PatientName],
        _ name: String, _ count: inout Count
    ) throws {
        let declared = before.history.declaration
        let facts = try RegionFile(Array(new.yaml.utf8), file: "r", beside: new.beside).facts(after: declared)
        if facts.isEmpty { return }
        let widening = RegionWidening.widening(facts, after: declared)
        let effects = facts.flatMap { RegionEffect.effects(of: $0, before: declared) }
        var after = before
        try after.apply(new)
        let clock = before.time + 1
        let (then, now) = (
            ViewModel(events: before.prediction.events, clock: clock),
            ViewModel(events: after.prediction.events, clock: clock)
        )
        var (gains, losses): ([String], [String]) = ([], [])
        for user in Set((old.users + new.users).map(\.id)).sorted() {
            let profiles = Set(
                (old.users + new.users).filter { $0.id == user }.flatMap(\.profiles).map(\.name))
            for profile in profiles.sorted() {
                for patient in patients {
                    let asked = Asked(
                        Question(user: user, role: profile, patient: patient, when: .none), events: [])
                    let shown = (then.sight(asked)?.shown ?? [], now.sight(asked)?.shown ?? [])
                    let who = "\(user) \(profile) \(patient.text)"
                    if !shown.1.isSubset(of: shown.0) { gains.append(who) }
                    if !shown.0.isSubset(of: shown.1) { losses.append(who) }
                }
            }
        }
        let told = (effects.flatMap(\.gains), effects.flatMap(\.loses))
        let kinds = facts.map(\.kind.rawValue)
        if !gains.isEmpty {
            #expect(!widening.isEmpty, "\(name): \(gains) gain by \(kinds), and nobody is asked")
            #expect(!told.0.isEmpty, "\(name): \(gains) gain by \(kinds), told \(effects)")
        }
        if !losses.isEmpty {
            #expect(!told.1.isEmpty, "\(name): \(losses) lose by \(kinds), told \(effects)")
        }
        count.files += 1
        count.gained += gains.isEmpty ? 0 : 1
        count.lost += losses.isEmpty ? 0 : 1
        count.unasked += widening.isEmpty ? 1 : 0
    }
}
