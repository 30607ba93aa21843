import CareRecord
import Ciphers
import EventLog
import Foundation
import Intake
import Projections
import Wire

extension Store {
    /// Takes files of one source: FHIR bundles, single resources, NDJSON; HL7 v2 messages, one or many.
    ///
    /// - Parameter source: ODS code of an organisation that the region lists.
    /// - Throws: `usage` where no region lists the source.
    public func ingest(
        source: String, inputs: [IngestInput], progress: (@Sendable (IngestSummary) -> Void)? = nil
    ) throws(StoreError) -> IngestSummary {
        try ingest(source: source, inputs: inputs, progress: progress) { (_, _) throws(StoreError) in }
    }

    /// As above, and tells what became of each message.
    func ingest(
        source: String, inputs: [IngestInput], progress: (@Sendable (IngestSummary) -> Void)? = nil,
        told: IngestPipeline.Told
    ) throws(StoreError) -> IngestSummary {
        intake.lock()
        defer { intake.unlock() }
        var pipeline = try pipeline(of: source, progress: progress)
        pipeline.letsOthersBetween = true
        return try pipeline.run(inputs, told: told)
    }

    /// The caller holds `intake`.
    ///
    /// - Throws: `usage` where no region lists the source.
    func pipeline(
        of source: String, progress: (@Sendable (IngestSummary) -> Void)? = nil
    ) throws(StoreError) -> IngestPipeline {
        let readers = try currentReaders()
        guard let reader = readers.sources[source]?.reader else { throw Self.unlisted(source, readers.codes) }
        return IngestPipeline(store: self, reader: reader, readers: readers, progress: progress)
    }

    static func unlisted(_ source: String, _ codes: Set<String>) -> StoreError {
        .usage(
            codes.isEmpty
                ? "no region is declared yet, so \(source) is unknown: `daybook region apply FILE.yaml` first"
                : "no organisation \(source) in the region; it lists \(codes.sorted().joined(separator: ", "))"
        )
    }

    func fhirIntake(
        source: String, _ organisation: OrganisationDetails, _ settings: RegionSettings?
    ) -> FHIRIntake {
        let isLocalAuthority = organisation.kind == .localAuthority
        guard let settings else {
            return FHIRIntake(
                source: source, sourceIsLocalAuthority: isLocalAuthority, digest: { SHA256.hash($0).bytes })
        }
        return FHIRIntake(
            source: source, sourceIsLocalAuthority: isLocalAuthority,
            nhsNumberSystem: settings.nhsNumberSystem, calendar: settings.calendar,
            digest: { SHA256.hash($0).bytes })
    }

    /// The region's own placeholders.
    func placeholders(_ settings: RegionSettings?) -> Set<NHSNumber> {
        Set((settings?.placeholderNumbers ?? []).compactMap { NHSNumber($0) })
    }

    /// What the message at a position said of who its patient is; nil once its key was destroyed.
    func assertion(at position: Position) throws(StoreError) -> MessageMeta? {
        if position == .start { return nil }
        return try StoreError.translating {
            do { return try opener.messageMeta(of: try log.read(at: position)) } catch ProjectionError
                .keyDestroyed
            {
                return nil
            }
        }
    }
}
