import Wire

/// What is known of a source message: the meta of an event's item 0, whose content is the message's exact
/// bytes.
public struct MessageMeta: Hashable, Sendable {
    /// The source organisation's ODS code.
    public var source: String
    /// The message's own id (Bundle.identifier as `system|value`, MSH-10 with MSH-3, -4 and -7); empty where
    /// it has none, and the caller makes one from file, line and digest.
    public var messageID: String
    /// `application/fhir+json`, `x-application/hl7-v2+er7`, `text/csv`.
    public var mediaType: String
    public var file: String?
    /// 1-based, where the message is a line of a file.
    public var line: Int?
    /// When the source says it said so; nil means the time of arrival.
    public var asserted: Instant?
    public var subject: SubjectID
    /// Whether the subject is a patient. False: a resource that names none, a subject of its own.
    public var isAboutPatient: Bool
    /// There where the message carries the patient's own resource.
    public var patient: PatientAssertion?

    public init(
        source: String, messageID: String, mediaType: String, file: String? = nil, line: Int? = nil,
        asserted: Instant? = nil, subject: SubjectID, isAboutPatient: Bool, patient: PatientAssertion? = nil
    ) {
        self.source = source
        self.messageID = messageID
        self.mediaType = mediaType
        self.file = file
        self.line = line
        self.asserted = asserted
        self.subject = subject
        self.isAboutPatient = isAboutPatient
        self.patient = patient
    }

    public static let formatVersion: UInt8 = 1
    /// Bytes of one encoded meta.
    public static let maximumBytes = 1 << 20

    public var encoded: [UInt8] {
        var out = ByteWriter(capacity: 192)
        encode(into: &out)
        return out.bytes
    }

    /// Layout: u8 version = 1 ‖ source ‖ message id ‖ media type ‖ optional file ‖ varint line (0 for none) ‖
    /// optional asserted (i64) ‖ subject ‖ u8 about a patient ‖ u8 has assertion ‖ assertion.
    public func encode(into out: inout ByteWriter) {
        out.u8(Self.formatVersion)
        out.string(source)
        out.string(messageID)
        out.string(mediaType)
        out.optional(file)
        out.varint(max(0, line ?? 0))
        out.optional(asserted)
        subject.encode(into: &out)
        out.flag(isAboutPatient)
        out.flag(patient != nil)
        patient?.encode(into: &out)
    }

    /// Decodes the whole of the bytes.
    public init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        guard bytes.count <= Self.maximumBytes else {
            throw WireError(.invalid, at: 0, what: "message meta of \(bytes.count) bytes")
        }
        var reader = ByteReader(bytes)
        try reader.version(Self.formatVersion, of: "message meta")
        source = try reader.string()
        messageID = try reader.string()
        mediaType = try reader.string()
        file = try reader.optionalString()
        let number = try reader.varint()
        guard number <= UInt64(Int32.max) else { throw WireError(.invalid, at: reader.offset, what: "line") }
        line = number == 0 ? nil : Int(number)
        asserted = try reader.optionalInstant()
        subject = try SubjectID(from: &reader)
        isAboutPatient = try reader.flag()
        patient = try reader.flag() ? try PatientAssertion(from: &reader) : nil
        try reader.end()
    }

    public init(decoding bytes: [UInt8]) throws(WireError) { try self.init(decoding: bytes[...]) }
}
