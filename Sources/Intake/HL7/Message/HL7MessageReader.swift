import CareRecord
import HL7
import Wire

/// Reads one message: what kind it is, whom it is about, and each of its parts as an item.
struct HL7MessageReader {
    let intake: HL7Intake
    let message: HL7Message
    var items: [ItemDraft] = []
    var events: [FeedEvent] = []
    /// How often each id was asked for by a resource of each type.
    private var used: [String: Int] = [:]
    /// Bytes of all items so far.
    private var madeBytes = 0
    /// The first segment of each name: asked for by every part of a message that may have thousands.
    private let first: [String: Int]
    private let moments: HL7Moments
    /// The identifiers of the segment of that number, which several ask for.
    var identified: (segment: Int, PatientIdentifiers)?
    /// `ADT^A01`, of MSH-9, or of EVN-1 where that names no event.
    let trigger: String
    /// Who the message is about.
    var subject = SubjectID(organisation: "", localID: "") {
        didSet { patientReference = .reference("Patient/\(daybookID("Patient", subject.localID))") }
    }
    private(set) var patientReference = FHIRObject()
    var assertion: PatientAssertion?
    /// MSH-7.
    var asserted: Instant?
    /// Of items that only say who the patient is: whatever else was said of them stays.
    static let identification = Instant(microseconds: -2_208_988_800_000_000)

    init(intake: HL7Intake, message: HL7Message) {
        (self.intake, self.message) = (intake, message)
        var first: [String: Int] = [:]
        for segment in message.segments.reversed() { first[segment.name] = segment.number }
        self.first = first
        moments = HL7Moments(intake.calendar)
        let type = message.header.field(9)
        let event = type.component(2).words ?? first["EVN"].flatMap { message.segment($0).field(1).words }
        trigger = [type.component(1).words, event].compactMap(\.self).joined(separator: "^").uppercased()
    }

    /// The first segment of that name.
    func segment(_ name: String) -> HL7Segment? { first[name].map { message.segment($0) } }

    mutating func draft(raw: [UInt8], file: String?, line: Int?) throws(HL7Fault) -> MessageDraft {
        let header = message.header
        guard !message.segments.dropFirst().contains(where: { $0.isNamed("MSH") }) else {
            throw HL7Fault(
                .severalMessages, at: "MSH[2]",
                "more than one message: send each by itself, so that each has its own answer")
        }
        try checkFrame()
        try checkHeader()
        try checkLengths()
        if header.field(7).isValued {
            guard let sent = HL7Moment(header.field(7), intake.calendar) else {
                throw HL7Fault(.invalidValue, at: "MSH-7", "this is no time, such as 20180201093000")
            }
            asserted = sent.instant
        }
        switch header.field(9).component(1).words?.uppercased() {
        case "ADT": try readADT()
        case "ORU": try readORU()
        default: throw notTaken()
        }
        let meta = MessageMeta(
            source: intake.source, messageID: messageID, mediaType: HL7Intake.mediaType, file: file,
            line: line,
            asserted: asserted, subject: subject, isAboutPatient: true, patient: assertion)
        return MessageDraft(
            meta: meta, raw: raw, subjects: [SubjectDraft(subject: subject, items: items)], events: events)
    }

    private var messageID: String {
        HL7Intake.messageID { number in
            String(decoding: message.header.field(number).bytes, as: UTF8.self)
        }
    }

    /// A sender that breaks off in the middle of a frame and begins again leaves half of one message before the next: what stands
    /// behind the second beginning is of another message, and may be of another patient.
    private func checkFrame() throws(HL7Fault) {
        // Whole first: nearly every message has none.
        guard message.bytes.contains(Self.frameStart) else { return }
        for segment in message.segments where segment.bytes.contains(Self.frameStart) {
            throw HL7Fault(
                .severalMessages, at: segment.path(),
                "the beginning of a frame (0x0B) within a message: what follows is of another; send each by itself"
            )
        }
    }

    private static let frameStart: UInt8 = 0x0B

    /// MSH-11 and MSH-12. A sender who gives none is taken at the word of the message.
    private func checkHeader() throws(HL7Fault) {
        let processing = message.header.field(11).component(1).words?.uppercased() ?? "P"
        guard processing == "P" || (intake.acceptsTraining && ["T", "D"].contains(processing)) else {
            throw HL7Fault(
                .unsupportedMessage, at: "MSH-11",
                "processing id \(processing): only production messages (P) are taken into this record")
        }
        let version = message.header.field(12).component(1).words ?? "2"
        let parts = version.split(separator: ".", omittingEmptySubsequences: false)
        guard parts[0] == "2", parts.count == 1 || Self.versions.contains(parts[1]) else {
            throw HL7Fault(.unsupportedMessage, at: "MSH-12", "version \(version): 2.1 to 2.9 are taken")
        }
    }

    /// Only texts and documents are long: an endless name would be repeated in everything that refers to it.
    private func checkLengths() throws(HL7Fault) {
        for segment in message.segments where segment.bytes.count > Self.maximumFieldBytes {
            let long = segment.isNamed("OBX") ? 5 : segment.isNamed("NTE") ? 3 : 0
            for number in 1...max(1, segment.lastField)
            where number != long && segment.field(number).range.count > Self.maximumFieldBytes {
                throw HL7Fault(
                    .tooLarge, at: segment.path(field: number),
                    "more than \(Self.maximumFieldBytes) bytes in a field that is no text")
            }
        }
    }

    private static let maximumFieldBytes = 32 << 10
    /// Bytes of all the resources of one message: they stand in one record.
    private static let maximumMadeBytes = 40 << 20

    /// What follows the 2, as far as the next point.
    private static let versions: Set<Substring> = Set((1...9).map { Substring("\($0)") })

    func notTaken() -> HL7Fault {
        HL7Fault(
            .unsupportedMessage, at: "MSH-9",
            "\(trigger.isEmpty ? "a message of no kind" : trigger) is not taken: ADT A01-A16, A24-A29, A31, A37, A38, A40 and ORU R01 are"
        )
    }

    // MARK: Items

    /// Adds a resource as an item, under an id of its own at the source.
    ///
    /// - Parameters:
    ///   - id: what it goes by at the source.
    ///   - effective: when it was clinically true.
    ///   - isSplit: whether parts of it are of other categories.
    mutating func add(
        _ object: FHIRObject, id: String, category: Category, effective: HL7Moment? = nil,
        operation: ItemMeta.Operation = .upsert, asserted: Instant? = nil, isSplit: Bool = false
    ) throws(HL7Fault) {
        var meta = ItemMeta(
            operation: operation, type: object.type, sourceID: id, daybookID: object.id, category: category,
            asserted: asserted ?? self.asserted, effective: effective?.text, codes: object.codings.unique,
            references: object.references.unique)
        meta.status = object.status
        let bytes = object.json
        madeBytes += bytes.count
        guard madeBytes <= Self.maximumMadeBytes else {
            throw HL7Fault(
                .tooLarge, at: nil,
                "the resources made of it take more than \(Self.maximumMadeBytes >> 20) MiB")
        }
        if isSplit {
            meta.splits = PatientSplits.of(JSONSplice(start: 0, length: bytes.count, edits: []), in: bytes)
        }
        items.append(ItemDraft(meta: meta, content: .literal(bytes)))
    }

    /// The id within Daybook of a resource that the source knows by that name.
    ///
    /// A patient's is the one a FHIR feed of the same source gives; others are kept apart from those by a prefix.
    func daybookID(_ type: String, _ id: String) -> String {
        let name = type == "Patient" ? id : "v2-\(id)"
        return String(decoding: intake.ids.daybookID(type: type.utf8, id: name.utf8), as: UTF8.self)
    }

    func resource(_ type: String, _ id: String) -> FHIRObject {
        FHIRObject(resource: type, id: daybookID(type, id))
    }

    func moment(_ value: HL7Value) -> HL7Moment? { moments.moment(value) }

    /// An id that no item of the type in this message has yet: the same again is the second of it, and so on.
    mutating func unused(_ id: String, _ type: String) -> String {
        let id = bounded(id)
        let name = "\(type)/\(id)"
        let number = used[name, default: 0] + 1
        used[name] = number
        return number == 1 ? id : "\(id)~~\(number)"
    }

    /// A name made of what a message sends, no longer than can be kept beside every item.
    func bounded(_ name: String) -> String {
        guard name.utf8.count > Self.maximumNameBytes else { return name }
        return "\(name.prefix(20))~\(Hex.encode(intake.ids.digest(Array(name.utf8)).prefix(20)))"
    }

    private static let maximumNameBytes = 160
}
