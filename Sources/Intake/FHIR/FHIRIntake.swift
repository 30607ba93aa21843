import CareRecord

/// FHIR R4 JSON of one source, as drafts of items. Pure: bytes in, a draft or a typed reject out.
///
/// One message is a transaction, batch or collection Bundle, or any single resource (other Bundles are single
/// resources). Every resource type is kept; numbers, escapes and unknown members stay byte for byte. What
/// changes is the resource's id, which becomes Daybook's, and references, so that they resolve in Daybook.
public struct FHIRIntake: Sendable {
    /// The source organisation's ODS code.
    public let source: String
    /// Whether CarePlan, CareTeam, ServiceRequest and EpisodeOfCare are social care.
    public let sourceIsLocalAuthority: Bool
    /// `https://fhir.nhs.uk/Id/nhs-number`, unless the region says otherwise.
    public let nhsNumberSystem: String
    /// What a date alone means.
    public let calendar: StoreCalendar
    public let limits: IntakeLimits
    /// SHA-256: 32 bytes.
    let digest: @Sendable ([UInt8]) -> [UInt8]

    /// - Parameter digest: SHA-256, which this module does not have. Asked only for ids that cannot stand in
    ///   a Daybook id as they are.
    public init(
        source: String, sourceIsLocalAuthority: Bool = false,
        nhsNumberSystem: String = "https://fhir.nhs.uk/Id/nhs-number",
        calendar: StoreCalendar = .london, limits: IntakeLimits = .standard,
        digest: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) {
        self.source = source
        self.sourceIsLocalAuthority = sourceIsLocalAuthority
        self.nhsNumberSystem = nhsNumberSystem
        self.calendar = calendar
        self.limits = limits
        self.digest = digest
    }

    /// Reads one message.
    ///
    /// - Parameters:
    ///   - file: where it came from, for its meta.
    ///   - line: its line in the file, from 1, where a file holds one message a line.
    ///   - standing: by number from 0, entries whose `ifNoneExist` found a resource, and the source's id of that: they make nothing.
    public func message(
        _ bytes: [UInt8], file: String? = nil, line: Int? = nil, standing: [Int: String] = [:]
    ) -> Result<MessageDraft, IntakeReject> {
        let document: JSONDocument
        do throws(JSONError) {
            let limits = JSONLimits(bytes: limits.messageBytes, depth: limits.depth)
            document = try JSONDocument(bytes, limits: limits)
        } catch {
            return .failure(IntakeReject(error))
        }
        do throws(FHIRFault) {
            var reader = FHIRMessageReader(intake: self, document: document)
            reader.standing = standing
            return .success(try reader.draft(file: file, line: line))
        } catch {
            let offset = Int(document.tokens[error.at].start)
            let place = JSONDocument.location(of: offset, in: bytes)
            return .failure(
                IntakeReject(
                    code: error.code, reason: error.reason, path: document.path(to: error.at), offset: offset,
                    line: place.line, column: place.column))
        }
    }

    /// What a request's url names, as a message's entry is read: the last `Type/id` of it; nil for a search or anything else.
    public static func address(_ url: String) -> (type: String, id: String)? {
        guard !url.contains("?"), let (type, id) = FHIRMessageReader.typeAndID(Array(url.utf8)) else {
            return nil
        }
        return (String(decoding: type, as: UTF8.self), String(decoding: id, as: UTF8.self))
    }
}
