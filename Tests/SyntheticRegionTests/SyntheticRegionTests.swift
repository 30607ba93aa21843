import CareRecord
import Ciphers
import Foundation
import Intake
import Testing
import Wire

@testable import SyntheticRegion

/// What the generator promises of its steps, before any store sees them.
@Suite struct SyntheticRegionTests {
    private static let ofThreeHundred = Array(SyntheticRegion(patients: 300, seed: 7))

    private static func digest(patients: Int, seed: UInt64) -> Digest {
        var hash = SHA256()
        for step in SyntheticRegion(patients: patients, seed: seed) {
            hash.update(Array(step.command.utf8))
            hash.update(step.file)
        }
        return hash.finish()
    }

    @Test func theSameSeedGivesTheSameMessagesAndCommandsByteForByte() {
        let first = Self.digest(patients: 90, seed: 11)
        #expect(first == Self.digest(patients: 90, seed: 11))
        #expect(first != Self.digest(patients: 90, seed: 12))
        #expect(first != Self.digest(patients: 91, seed: 11))
    }

    /// Dictionaries and sets have another order in every process; nothing of a region may come from one.
    @Test func theBytesAreThoseOfEveryOtherProcess() {
        let wanted = "e66cbcc33afcfec1aa6269a3c9f7c75d4fd3a55a7fa20214df5cf3db0c15776d"
        #expect(Self.digest(patients: 45, seed: 2017).hex == wanted)
    }

    @Test(arguments: [1, 2, 5, 41]) func anyNumberOfPatientsWill(_ patients: Int) {
        let steps = Array(SyntheticRegion(patients: patients, seed: 3))
        #expect(steps.contains { if case .messages = $0.action { true } else { false } })
    }

    @Test func stepsAreInOrderOfTimeAndWithinTheFiveYears() {
        let steps = Self.ofThreeHundred
        for (before, after) in zip(steps, steps.dropFirst()) {
            let apart = after.time.microseconds - before.time.microseconds
            #expect(apart >= 1_000_000, "\(before.command) then \(after.command)")
        }
        #expect(steps[0].time > SyntheticRegion.start)
        #expect(steps[steps.count - 1].time < Day(Day.count).at(0))
    }

    @Test func everyKindOfFactOfAPolicyFileIsThere() {
        var kinds: Set<PatientFactKind> = []
        for step in Self.ofThreeHundred {
            if case .sharing(let facts, _) = step.action { kinds.formUnion(facts.map(\.kind)) }
        }
        let missing = Set(PatientFactKind.allCases).subtracting(kinds).map(\.rawValue).sorted()
        // What the store makes of itself, and no file can say.
        #expect(missing == ["permissionSpent", "reviewDecided", "reviewOpened"])
    }

    /// Changes of policy of every kind: what begins, changes and ends in the region's file.
    @Test func everyKindOfFactOfARegionFileIsThere() throws {
        var declared = RegionDeclaration()
        var kinds: Set<RegionFact.Kind> = []
        for step in Self.ofThreeHundred {
            guard case .region(_, let name, _) = step.action else { continue }
            let file = try RegionFile(step.file, file: name)
            kinds.formUnion(file.facts(after: declared).map(\.kind))
            declared = file.declaration
        }
        #expect(Set(RegionFact.Kind.allCases).subtracting(kinds).map(\.rawValue).sorted() == [])
    }

    @Test func everyFileIsTakenAsItStands() throws {
        var declared = RegionDeclaration()
        for step in Self.ofThreeHundred {
            switch step.action {
            case .region(_, let name, _):
                let file = try RegionFile(step.file, file: name)
                #expect(!file.facts(after: declared).isEmpty, "\(name) changes nothing")
                declared = file.declaration
            case .sharing(let facts, let name):
                let read = try PatientPolicyFile(step.file, file: name, calendar: .london, declared: declared)
                #expect(read.drafts.map(\.fact.kind) == facts.map(\.kind))
            case .messages(let delivery):
                #expect(
                    declared.organisations[delivery.source] != nil, "\(delivery.source) is no partner yet")
            case .access(let look):
                #expect(declared.users[look.user] != nil, "\(look.user) at \(step.time)")
            }
        }
    }

    @Test func partnersJoinInPhasesAndSomeCloseIntoSuccessors() {
        var joined: [Int] = []
        var closed: [String: [String]] = [:]
        var models: [String] = []
        for step in Self.ofThreeHundred {
            guard case .region(let document, _, _) = step.action else { continue }
            joined.append(document.organisations.count)
            for one in document.organisations where one.closed != nil {
                closed[one.ods] = one.successors.map(\.ods)
            }
            if models.last != document.consentModel { models.append(document.consentModel) }
        }
        #expect(joined == joined.sorted() && Set(joined).count >= 7)
        #expect(closed["RD3"] == ["R0D"] && closed["RDZ"] == ["R0D"] && closed["11J"] == ["QVV"])
        #expect(closed["809"]?.last == "838" && closed["810"] == ["839"])
        #expect(models == ["permission-to-view", "implied", "permission-to-view"])
    }

    @Test func hundredsOfUsersLook() {
        var users: Set<String> = []
        for step in Self.ofThreeHundred {
            if case .access(let look) = step.action { users.insert(look.user) }
        }
        #expect(users.count >= 150)
    }

    /// A name out of the register of numbers for tests, one for each person.
    @Test func everyNumberHoldsAndIsForTestsOnly() throws {
        var seen: Set<String> = []
        for number in 0..<5000 {
            for text in [Person.nhsNumber(number), Person.nhsNumber(number, spare: true)] {
                let held = try #require(NHSNumber(text))
                #expect(held.isTest && !held.isPlaceholder && seen.insert(text).inserted)
            }
        }
        _ = Person.nhsNumber(Person.maximumCount - 1)
    }

    @Test func memoryOfAPatientIsAFewBytes() {
        #expect(MemoryLayout<PatientState>.stride <= 16)
        #expect(MemoryLayout<Due>.stride <= 20)
    }
}
