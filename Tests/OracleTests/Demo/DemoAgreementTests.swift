import Foundation
import SyntheticRegion
import Testing

/// Nobody's story in the demo contradicts the oracle: every access of a small region, and questions about any user, patient and
/// instant of it.
@Suite struct DemoAgreementTests {
    /// The demo's own seed with as many patients as `DAYBOOK_DEMO_PATIENTS` says, or two small regions.
    static var regions: [(UInt64, Int)] {
        let asked = ProcessInfo.processInfo.environment["DAYBOOK_DEMO_PATIENTS"].flatMap(Int.init)
        return asked.map { [(SyntheticRegion.defaultSeed, $0)] } ?? [(2017, 9), (5, 6)]
    }

    @Test(arguments: regions)
    func everyAccessOfTheDemoIsWhatTheOracleSays(seed: UInt64, people: Int) throws {
        var run = try DemoRun()
        defer { run.store.close() }
        var patients: Set<String> = []
        for step in SyntheticRegion(patients: people, seed: seed) {
            if case .access(let look) = step.action { patients.insert(look.patient) }
            try run.play(step)
        }
        try run.ask(40, about: patients.sorted(), seed: seed)
        print(
            "seed \(seed):", run.fed, run.compared.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
        #expect(run.compared["items", default: 0] > 100)
        #expect(run.compared["permit relationship", default: 0] > 20)
        #expect(run.compared["withhold relationship", default: 0] > 5)
        #expect(run.fed["fhir", default: 0] > 20 && run.fed["hl7v2", default: 0] > 20)
    }
}
