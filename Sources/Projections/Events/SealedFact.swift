import CareRecord
import EventLog
import Wire

/// A patient's fact out of the log: without what names or describes the person, with tokens in their place.
public struct SealedFact: Sendable {
    public var fact: PatientFact
    public var tokens: [StreamToken]
}

extension PatientFact {
    /// The fact as it stands under the region's key: it decides, and tells nobody who it is about.
    public var withoutPerson: PatientFact {
        var out = self
        out.patient = nil
        out.other = nil
        out.oldNumber = nil
        out.newNumber = nil
        out.reason = nil
        out.evidence = nil
        return out
    }
}
