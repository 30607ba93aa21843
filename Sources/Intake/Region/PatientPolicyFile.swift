import CareRecord
import Wire

/// A patient policy file (`daybook policy record`): a list of facts, applied in order, all or nothing.
public struct PatientPolicyFile: Sendable {
    public let drafts: [PatientFactDraft]

    /// Reads the whole file. Dates are days of `calendar`; organisations and users must be known to `declared`,
    /// where it is given.
    ///
    /// - Throws: `PolicyFileError` with every problem found. Such a file has no effect at all.
    public init(
        _ bytes: [UInt8], file: String, calendar: StoreCalendar, declared: RegionDeclaration? = nil
    ) throws(PolicyFileError) {
        let document = PolicyDocument(file: file)
        let reader = PatientPolicyReader(calendar: calendar, declared: declared)
        let root = try document.load(bytes)
        drafts = (root.list() ?? []).compactMap { reader.draft($0) }
        try document.check()
    }
}
