import CareRecord
import Wire

/// A region file (`daybook region apply`), read and checked whole.
public struct RegionFile: Sendable {
    public let declaration: RegionDeclaration
    /// What the file asks for that could not be done: code sets whose descendants no terminology here lists.
    public let notices: [String]

    /// The zone that the file's dates are days of.
    public var calendar: StoreCalendar { declaration.settings?.calendar ?? .london }

    /// A file that the region file names, relative to it: its bytes, or nil where it cannot be read.
    public typealias Beside = (String) -> [UInt8]?

    /// Reads the whole file; `file` is the name that problems give. `beside` finds terminology files.
    ///
    /// - Throws: `PolicyFileError` with every problem found. Such a file has no effect at all.
    public init(
        _ bytes: [UInt8], file: String, beside: @escaping Beside = { _ in nil }
    ) throws(PolicyFileError) {
        let document = PolicyDocument(file: file)
        var reader = RegionFileReader(document, beside: beside)
        reader.read(try document.load(bytes))
        try document.check()
        (declaration, notices) = (reader.declaration, reader.notices)
    }

    /// The facts that make this file the policy in force; none where it is already.
    public func facts(after declared: RegionDeclaration) -> [RegionFact] {
        RegionDifference.facts(from: declared, to: declaration)
    }
}
