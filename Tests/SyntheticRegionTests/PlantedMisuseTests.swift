import Foundation
import Testing
import Wire

@testable import SyntheticRegion

/// The plan of the misuse says of every planted access who, whom, when and which kind; and the accesses are there.
@Suite struct PlantedMisuseTests {
    private static func looks(_ region: SyntheticRegion) -> [String: (look: Look, time: Instant)] {
        var found: [String: (Look, Instant)] = [:]
        for step in region {
            guard case .access(let look) = step.action, let tag = look.tag else { continue }
            #expect(found[tag] == nil, "\(tag) twice")
            found[tag] = (look, step.time)
        }
        return found
    }

    @Test func everyKindIsPlantedAndEveryPlantedAccessHappens() {
        let region = SyntheticRegion(patients: 300, seed: 2017)
        let looks = Self.looks(region)
        #expect(Set(region.misuse.misuse.map(\.kind)) == Set(Misuse.Kind.allCases))
        for one in region.misuse.misuse {
            guard let (look, time) = looks[one.id] else {
                Issue.record("\(one.id) \(one.kind) never happens")
                continue
            }
            #expect(look.user == one.user && look.patient == one.patient)
            #expect(abs(time.microseconds - one.time.microseconds) < 600_000_000, "\(one.id)")
        }
    }

    @Test func whatMakesItMisuseHolds() throws {
        let region = SyntheticRegion(patients: 300, seed: 2017)
        let people = (0..<300).map { Person($0, seed: 2017) }
        let byNumber = Dictionary(uniqueKeysWithValues: people.map { ($0.nhs, $0) })
        let selves = Dictionary(uniqueKeysWithValues: region.misuse.staff.map { ($0.user, $0.patient) })
        for one in region.misuse.misuse {
            let whom = try #require(byNumber[one.patient])
            let own = selves[one.user].flatMap { byNumber[$0] }
            switch one.kind {
            case .ownRecord: #expect(own?.nhs == whom.nhs)
            case .surname: #expect(own?.family == whom.family && own?.nhs != whom.nhs)
            case .address: #expect(own?.address == whom.address && own?.nhs != whom.nhs)
            case .colleague:
                #expect(region.misuse.staff.contains { $0.patient == whom.nhs && $0.user != one.user })
            case .watchedPerson: #expect(region.misuse.watched.contains(whom.nhs))
            case .outOfHours: #expect((0...4).contains(one.time.microseconds / 3_600_000_000 % 24))
            default: break
            }
        }
    }

    /// The steps themselves do not tell which of them were planted: a tag is no part of a command or a file.
    @Test func nothingInTheCommandsSaysWhichAccessesArePlanted() {
        for step in SyntheticRegion(patients: 60, seed: 4) {
            let file = String(decoding: step.file, as: UTF8.self)
            for word in ["misuse", "planted", "snoop"] {
                #expect(!step.command.contains(word) && !file.contains(word), "\(step.command)")
            }
            if case .access(let look) = step.action, let tag = look.tag {
                #expect(!step.command.contains(tag))
            }
        }
    }
}
