import CareRecord
import Intake
import Testing

/// The policy files that the histories are made of are files that the readers take.
@Suite struct PolicyFileAgreementTests {
    @Test func everyGeneratedFileIsTaken() throws {
        for seed in UInt64(1)...150 {
            for step in History(seed: seed).steps {
                switch step {
                case .region(let spec):
                    #expect(throws: Never.self, "seed \(seed)\n\(spec.yaml)") {
                        try RegionFile(Array(spec.yaml.utf8), file: "region.yaml", beside: spec.beside)
                    }
                case .policy(let facts):
                    let yaml = FactSpec.yaml(facts)
                    #expect(throws: Never.self, "seed \(seed)\n\(yaml)") {
                        let file = try PatientPolicyFile(
                            Array(yaml.utf8), file: "policy.yaml", calendar: .london)
                        #expect(file.drafts.map(\.fact.kind.rawValue) == facts.map(\.kind.rawValue))
                    }
                default: continue
                }
            }
        }
    }
}
