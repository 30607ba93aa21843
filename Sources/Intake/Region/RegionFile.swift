import CareRecord
import Wire

/// A region file (`daybook region apply`), read and checked whole.
public struct RegionFile: Sendable {
    public let declaration: RegionDeclaration
    /// What the file asks for that could not be done: code sets whose descendants no terminology here lists.
    public let notices: [String]

    /// The zone that the file's dates are days of.
    public var calendar: StoreCalendar { declaration.settings?.calendar ?? .london }

    /// Reads the whole file; `file` is the name that problems give.
    ///
    /// - Throws: `PolicyFileError` with every problem found. Such a file has no effect at all.
    public init(_ bytes: [UInt8], file: String) throws(PolicyFileError) {
        let document = PolicyDocument(file: file)
        var reader = RegionFileReader(document)
        reader.read(try document.load(bytes))
        try document.check()
        (declaration, notices) = (reader.declaration, reader.notices)
    }

    /// The facts that make this file the policy in force; none where it is already.
    public func facts(after declared: RegionDeclaration) -> [RegionFact] {
        RegionDifference.facts(from: declared, to: declaration)
    }
}
