import Wire

/// One message as a source sends it: what it says, and the bytes that say it.
struct MessageSpec: Sendable {
    /// What the Patient resource says about who the patient is.
    struct Assertion: Equatable, Sendable {
        struct Number: Equatable, Sendable {
            var digits: String
            var verified: Bool
        }
        var numbers: [Number] = []
        var birthDate: String?
        var family: String?
        var given: String?
        /// An own record number (type MR) that isn't the id.
        var otherRecordNumber: String?
    }

    enum Operation: Equatable, Sendable { case upsert, delete, enteredInError }

    /// One resource of the message.
    struct Item: Sendable {
        var operation: Operation
        var type: String
        var localID: String
        /// The category names it has by itself; empty where those of what cites it count.
        var category: String?
        /// `meta.lastUpdated`, where it has one of its own.
        var updated: Instant?
        var effective: String?
        var codes: [RegionSpec.CodeSet] = []
        /// As `Type/local id`, the patient left out.
        var references: [String] = []
        /// What it says of whose care the patient is in; of a deletion, what kind of statement that was.
        var care: CareWord?
        /// Exactly as it stands in the bytes; nil for a deletion.
        var resource: JSONTree?
    }

    /// What a hospital's message says of one visit (decision 8, "Relationships").
    struct VisitWord: Sendable {
        enum State: Equatable, Sendable {
            /// A01, A04, A06, A07; and A13, which takes a discharge back.
            case begins
            /// A08, A02, A12, A25: it is known that they are there.
            case goesOn
            /// A03, or a PV1-45 in any of them: then, in microseconds.
            case ended(Int64)
            /// A11, A27, A38.
            case neverWas
            /// A05, A14: nobody has come yet.
            case planned
        }

        var number: String
        var state: State
        /// PV1-44, in microseconds.
        var from: Int64
        /// An outpatient attends for the day: its last microsecond.
        var until: Int64?
    }

    /// What a hospital's message says of who is whom (decision 8, "Who is whom").
    enum IdentityWord: Sendable {
        /// A40: the message's patient survives. PID-21 may name the other as their mother.
        case merges(retired: SubjectName, isMother: Bool)
        /// A24, with the other's birth date.
        case links(SubjectName, birthDate: String?, isMother: Bool)
        /// A37.
        case parts(SubjectName)
        /// A29.
        case deletes
    }

    /// What intake must do with it.
    enum Fate: Equatable, Sendable {
        case taken
        /// With a word that the reason must have.
        case quarantined(String)
    }

    var source: String
    /// The file's name, part of a message's identity where the message has no id of its own.
    var file: String
    var identifier: String?
    var timestamp: Instant?
    /// When it says who the patient is, where that is not when it says the rest.
    var asserted: Instant?
    /// nil for a message that names no patient.
    var patient: SubjectName?
    var assertion: Assertion?
    var items: [Item]
    /// Full URLs (`urn:uuid:…`) by `Type/local id`, where references use them.
    var urls: [String: String] = [:]
    var fate = Fate.taken
    /// Of HL7 v2 messages alone.
    var isHL7 = false
    var visit: VisitWord?
    /// What a person's message says of the practice.
    var care: CareWord?
    var identity: IdentityWord?
    var bytes: [UInt8]

    /// Whether it names two patients.
    var namesTwo: Bool {
        switch identity {
        case .merges, .links, .parts: true
        case .deletes, nil: false
        }
    }
}
