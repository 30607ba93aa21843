import Testing
import Wire

@testable import CareRecord

/// One row of a sentence's table: what happens in the region of the sample, who asks what, and what is decided.
///
/// The world is `PolicyWorld.sample` with roles that may do all there is to do, a referral of the patient to the hospital
/// RBD and the consultant's permission. What is decided is told without positions: `permit agreement`.
struct SentenceRow: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout PolicyWorld) -> Void
    var user = "consultant"
    var time = "2018-02-20"
    var item = PolicyWorld.item("ZZ101", .diagnoses)
    var profile: String?
    var purpose = Purpose.directCare
    var byNumber = true
    var isKnownAtHead = false
    var expected: String

    init(
        _ description: String, user: String = "consultant", at time: String = "2018-02-20",
        of item: ItemDescriptor? = nil, profile: String? = nil, purpose: String = Purpose.directCare,
        byNumber: Bool = true, knownAtHead: Bool = false, _ expected: String,
        _ change: @escaping @Sendable (inout PolicyWorld) -> Void = { _ in }
    ) {
        (testDescription, self.user, self.time, self.profile) = (description, user, time, profile)
        (self.purpose, self.byNumber, isKnownAtHead) = (purpose, byNumber, knownAtHead)
        (self.expected, self.change) = (expected, change)
        if let item { self.item = item }
    }

    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        var world = PolicyWorld.able()
        world.referConsultant()
        change(&world)
        let decided = world.ask(
            user, time, item, profile: profile, purpose: purpose,
            knownAt: isKnownAtHead ? world.position : nil, byNumber: byNumber)
        let told = decided.replacing(#/ \[[0-9, ]*\]/#, with: "")
        #expect(told == expected, "\(testDescription): \(decided)", sourceLocation: sourceLocation)
    }
}

extension PolicyWorld {
    static let everyActivity = [
        Activity.viewRecord, Activity.selfClaim, Activity.emergencyOverride, Activity.legalOverride,
        Activity.openSeal, Activity.viewWithheld,
    ]

    /// The sample, with a clinician who may override everything that can be, a nurse who may nothing but view, and an
    /// officer who sees where shielded patients are.
    static func able() -> PolicyWorld {
        var world = sample {
            let most: [Rule] = [.relationship, .permission, .dissent, .objection, .directive]
            $0.overrideMay = [
                "emergency": [.relationship, .permission], "legal": most, "safeguarding": most,
            ]
        }
        world.region(
            .roleBaseline(
                RoleBaseline(code: "R8000", name: "Clinician", categories: .all, activities: everyActivity)))
        world.region(
            .roleBaseline(
                RoleBaseline(
                    code: "R5105", name: "Guardian", categories: .all,
                    activities: [Activity.viewRecord, Activity.viewShielded])))
        world.add(user: "nurse", "RBD", "R8001", workgroups: ["emergency"])
        world.add(user: "guardian", "RBD", "R5105")
        return world
    }

    /// An override that its user declares.
    mutating func override(
        _ kind: OverrideKind, by user: String = "consultant", at time: String = "2018-02-19",
        to end: String? = "2018-02-25", _ change: (inout PatientFact) -> Void = { _ in }
    ) {
        patient(.overrideDeclared, at: time) {
            ($0.id, $0.user, $0.recordedBy, $0.overrideKind) = ("ov", user, user, kind)
            $0.to = end.map { Self.end($0) }
            change(&$0)
        }
    }

    mutating func seal(
        locked: Bool, by org: String? = "ZZ101", workgroup: String? = nil, item: String? = nil,
        at time: String = "2018-02-15"
    ) {
        patient(.sealApplied, at: time) {
            ($0.id, $0.by, $0.workgroup, $0.locked) = ("seal", org, workgroup, locked)
            if let item {
                ($0.org, $0.item) = ("ZZ101", item)
            } else {
                $0.categories = CategorySet([.diagnoses])
            }
        }
    }

    mutating func exclude(_ code: Coding = sensitive, at time: String = "2018-02-10") {
        region(
            .exclusionSetPublished(
                ExclusionSet(
                    id: "set", reason: "r", narrative: .keep,
                    codes: [CodeList(system: code.system, values: [code.code])])), at: time)
    }

    mutating func label(at time: String = "2018-02-10") {
        region(
            .sensitivityPublished(
                SensitivitySet(
                    label: "PSY", codes: [CodeList(system: labelled.system, values: [labelled.code])])),
            at: time)
    }

    var labelled: Coding { Self.labelled }
    static let sensitive = Coding(system: "http://snomed.info/sct", code: "86406008")
    static let labelled = Coding(system: "http://snomed.info/sct", code: "35489007")
}
