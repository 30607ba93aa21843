/// Why a message cannot be taken: what, where, and what to do. The message goes to quarantine, whole.
public struct IntakeReject: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case empty, truncated, charset, unexpected
        case badEscape = "bad-escape"
        case badNumber = "bad-number"
        case controlCharacter = "control-character"
        case duplicateMember = "duplicate-member"
        case tooDeep = "too-deep"
        case tooLarge = "too-large"
        case trailingBytes = "trailing-bytes"
        /// JSON, but no FHIR resource.
        case notAResource = "not-a-resource"
        /// A value of another JSON type, or of another form, than FHIR R4 gives it.
        case invalidValue = "invalid-value"
        case missingID = "missing-id"
        /// Two places of a message give one resource different ids or types.
        case mismatchedID = "mismatched-id"
        /// A resource or a fullUrl that comes twice in one message: which one is current?
        case duplicateResource = "duplicate-resource"
        case tooManyEntries = "too-many-entries"
        case emptyBundle = "empty-bundle"
        /// A request that is no update: GET, PATCH, a conditional delete.
        case unsupportedRequest = "unsupported-request"
        case twoPatients = "two-patients"
        /// The patient stands inside another resource, without an identity of its own.
        case patientContained = "patient-contained"
        /// The patient is another server's.
        case patientElsewhere = "patient-elsewhere"
        /// The message refers to a patient by something that nothing in it answers to.
        case patientUnresolved = "patient-unresolved"
        /// HL7 v2: it does not begin with MSH.
        case notAMessage = "not-a-message"
        /// HL7 v2: another MSH after the first, where one message was expected. One answer could not say what became of each.
        case severalMessages = "several-messages"
        /// HL7 v2: MSH-1 and MSH-2 cannot be told apart.
        case separators
        /// HL7 v2: a line that begins with no segment's name.
        case notASegment = "not-a-segment"
        case tooManySegments = "too-many-segments"
        case tooManyFields = "too-many-fields"
        case tooManyParts = "too-many-parts"
        /// A kind of message, a processing id or a version that is not taken: MSH-9, MSH-11, MSH-12.
        case unsupportedMessage = "unsupported-message"
        /// A segment that the message's event cannot do without.
        case missingSegment = "missing-segment"
        /// The message says of no patient that it is about them.
        case noPatient = "no-patient"
        /// A merge that names nobody it could merge, or a patient with themselves.
        case badMerge = "bad-merge"
    }

    public var code: Code
    /// Says what is wrong and what to do about it, for people.
    public var reason: String
    /// Such as `Bundle.entry[3].resource.id`.
    public var path: String?
    /// Byte offset in the message, from 0.
    public var offset: Int?
    /// Line and column in the message, both from 1; the column counts bytes.
    public var line: Int?
    public var column: Int?

    public init(
        code: Code, reason: String, path: String? = nil, offset: Int? = nil, line: Int? = nil,
        column: Int? = nil
    ) {
        self.code = code
        self.reason = reason
        self.path = path
        self.offset = offset
        self.line = line
        self.column = column
    }

    init(_ error: JSONError) {
        self.init(
            code: Code(rawValue: error.code.rawValue) ?? .unexpected, reason: error.reason, path: error.path,
            offset: error.offset, line: error.line, column: error.column)
    }

    public var description: String {
        let place = line.map { "line \($0), column \(column ?? 1): " } ?? ""
        return "\(place)\(path.map { "\($0): " } ?? "")\(reason)"
    }
}

/// A reject as the readers throw it: the tape index says where; path and line are worked out once, at the
/// end.
struct FHIRFault: Error {
    var code: IntakeReject.Code
    var reason: String
    /// Tape index.
    var at: Int

    init(_ code: IntakeReject.Code, at: Int, _ reason: String) {
        (self.code, self.at, self.reason) = (code, at, reason)
    }
}
