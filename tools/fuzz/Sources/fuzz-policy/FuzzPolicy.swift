import CareRecord
import Intake

/// Any bytes: as a region file and as a patient policy file they are read to facts that come back from their own encodings, or refused
/// with a place for every problem.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPolicy(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(PolicyFileError) {
        let region = try RegionFile(input, file: "region.yaml")
        for fact in region.facts(after: RegionDeclaration()) {
            guard let json = try? fact.json() else { preconditionFailure("a fact without JSON") }
            precondition((try? RegionFact(json: json)) == fact)
        }
    } catch {
        precondition(!"\(error)".isEmpty)
    }
    do throws(PolicyFileError) {
        let policy = try PatientPolicyFile(input, file: "policy.yaml", calendar: .london, declared: nil)
        for draft in policy.drafts {
            guard let json = try? draft.fact.json() else { preconditionFailure("a fact without JSON") }
            precondition((try? PatientFact(json: json)) == draft.fact)
            precondition((try? PatientFact(decoding: draft.fact.encoded)) == draft.fact)
        }
    } catch {
        precondition(!"\(error)".isEmpty)
    }
    return 0
}
