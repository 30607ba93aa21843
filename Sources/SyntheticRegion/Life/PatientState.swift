/// What has to be kept of a patient from day to day: the rest follows from their number.
struct PatientState: Sendable {
    /// Of the patient's own dice.
    var dice: UInt64
    /// Bits of `Vocabulary.problems`.
    var problems: UInt16 = 0
    /// Contacts so far: part of the ids of what they leave.
    var contacts: UInt16 = 0
    var flags: Flags = []

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8

        /// On the practice's list, in the feed.
        static let registered = Flags(rawValue: 1)
        static let community = Flags(rawValue: 2)
        static let council = Flags(rawValue: 4)
        static let dead = Flags(rawValue: 8)
        static let allergic = Flags(rawValue: 16)
        /// The council that took over knows them too.
        static let newCouncil = Flags(rawValue: 32)
        static let inHospital = Flags(rawValue: 64)
    }
}

/// Something that will happen to a patient on a day that is known already.
struct Due: Sendable {
    enum Kind: UInt8, Sendable {
        case registration, contact, result, correction, discharge, outpatients, problemInError, endOfCare,
            feature
    }

    var patient: Int32
    var kind: Kind
    /// The stay that it belongs to, or whichever step of a feature comes next.
    var stay = StayKey()
    var data: UInt16 = 0

    /// A stay or a visit in hospital, in few bytes.
    struct StayKey: Sendable {
        var hospital: UInt8 = 0
        var ward: UInt8 = 0
        var contact: UInt16 = 0
        /// Since the first day.
        var minute: Int32 = 0
    }
}
