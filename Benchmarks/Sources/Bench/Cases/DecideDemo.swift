import CareRecord
import SyntheticRegion

/// Items decided on one core as the demo's users look: its policy over five years, and of each access its own viewer, time and patient.
/// The viewer is decided anew for each, then all that is held of the patient.
enum DecideDemo {
    private static let passes = 20

    static var benchmark: Benchmark {
        Benchmark("decide.demo") { run in
            run.line("decide.demo") {
                let demo = try DemoDecisions(
                    patients: SyntheticRegion.defaultPatients, seed: SyntheticRegion.defaultSeed)
                // Who may not see the patient at all has no items decided.
                let admitted = demo.accesses.filter { access in
                    if case .permit = demo.history.decide(
                        access.request, patient: demo.patients[access.patient].facts)
                    {
                        true
                    } else {
                        false
                    }
                }
                let items = admitted.reduce(0) { $0 + demo.patients[$1.patient].items.count }
                Report.note(
                    "  \(demo.accesses.count) accesses, \(admitted.count) of them let in, "
                        + "\(items / max(1, admitted.count)) items each")
                var rates: [Double] = []
                for round in 0...Decide.rounds {
                    var permitted = 0
                    let spent = seconds {
                        for _ in 0..<passes {
                            for access in admitted {
                                permitted += decided(access, demo)
                            }
                        }
                    }
                    let rate = Double(items * passes) / spent
                    Report.note("  round \(round): \(Report.plain(rate)) decisions/s, \(permitted) permitted")
                    guard permitted > 0, permitted < items * passes else { throw Alike() }
                    if round > 0 { rates.append(rate) }
                }
                Report.value("decide.demo", median(rates), unit: "decisions/s")
            }
        }
    }

    /// How many of the patient's items are shown.
    private static func decided(_ access: DemoDecisions.Access, _ demo: DemoDecisions) -> Int {
        let patient = demo.patients[access.patient]
        guard case .permit(let context) = demo.history.decide(access.request, patient: patient.facts) else {
            return 0
        }
        return patient.items.reduce(0) { context.decide($1).permit ? $0 + 1 : $0 }
    }

    /// Every item came out alike: the rules had nothing to look at.
    private struct Alike: Error {}
}
