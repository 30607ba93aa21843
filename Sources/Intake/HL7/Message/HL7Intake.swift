import CareRecord
import HL7

/// HL7 v2 messages of one source, as drafts of items. Pure: bytes in, a draft or a typed reject out.
///
/// Taken are ADT A01–A16, A24–A29, A31, A37, A38 and A40, and ORU^R01, of any version. They are mapped to FHIR R4 by HL7's
/// own tables (the v2-to-FHIR implementation guide), with the habits of UK feeds on top. The message's bytes are kept as they are;
/// a segment that nothing here reads, a Z-segment most of all, is kept in them.
public struct HL7Intake: Sendable {
    /// The source organisation's ODS code.
    public let source: String
    /// `https://fhir.nhs.uk/Id/nhs-number`, unless the region says otherwise.
    public let nhsNumberSystem: String
    /// What local time means.
    public let calendar: StoreCalendar
    /// Whether messages sent for training or debugging (MSH-11 T or D) are taken: on a simulated clock only.
    public let acceptsTraining: Bool
    public let limits: HL7Limits
    /// Daybook's ids are made as for FHIR.
    let ids: FHIRIntake

    /// - Parameter digest: SHA-256, which this module does not have. Asked only for ids that cannot stand in a Daybook id as they are.
    public init(
        source: String, nhsNumberSystem: String = "https://fhir.nhs.uk/Id/nhs-number",
        calendar: StoreCalendar = .london, acceptsTraining: Bool = false, limits: HL7Limits = Self.limits,
        digest: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) {
        self.source = source
        self.nhsNumberSystem = nhsNumberSystem
        self.calendar = calendar
        self.acceptsTraining = acceptsTraining
        self.limits = limits
        ids = FHIRIntake(
            source: source, nhsNumberSystem: nhsNumberSystem, calendar: calendar, digest: digest)
    }

    /// A message and the resources made of it stand in one record.
    public static let limits = HL7Limits(messageBytes: 20 << 20, segments: 20_000, fieldBytes: 16 << 20)

    public static let mediaType = "x-application/hl7-v2+er7"

    /// Reads one message.
    ///
    /// - Parameters:
    ///   - file: where it came from, for its meta.
    ///   - line: the line of its MSH in the file, from 1, where a file holds several.
    public func message(
        _ bytes: [UInt8], file: String? = nil, line: Int? = nil
    ) -> Result<MessageDraft, IntakeReject> {
        do throws(HL7Error) {
            let message = try HL7Message(bytes, limits: limits)
            do throws(HL7Fault) {
                var reader = HL7MessageReader(intake: self, message: message)
                return .success(try reader.draft(raw: bytes, file: file, line: line))
            } catch {
                return .failure(
                    IntakeReject(code: error.code, reason: error.reason, path: error.path, line: line))
            }
        } catch {
            return .failure(IntakeReject(error, line: line))
        }
    }

    /// What a message that could not be read goes by: MSH-10 with MSH-3, MSH-4 and MSH-7; empty where it has none.
    public static func messageID(of bytes: [UInt8]) -> String {
        guard let header = HL7Header(of: bytes) else { return "" }
        return messageID { String(decoding: header.field($0), as: UTF8.self) }
    }

    static func messageID(_ field: (Int) -> String) -> String {
        let control = field(10).trimmed
        if control.isEmpty { return "" }
        let id = [field(3), field(4), field(7), control].map(\.trimmed).joined(separator: "|")
        // A number that long is nobody's: such a message goes by its digest.
        return id.utf8.count <= maximumMessageIDBytes ? id : ""
    }

    static let maximumMessageIDBytes = 1_000
}

/// A reject as the readers throw it.
struct HL7Fault: Error {
    var code: IntakeReject.Code
    /// `PID-3`.
    var path: String?
    var reason: String

    init(_ code: IntakeReject.Code, at path: String?, _ reason: String) {
        (self.code, self.path, self.reason) = (code, path, reason)
    }
}

extension IntakeReject {
    init(_ error: HL7Error, line: Int?) {
        self.init(
            code: Code(rawValue: error.code.rawValue) ?? .unexpected, reason: error.reason, path: error.path,
            offset: error.offset, line: line)
    }
}
