import CareRecord
import EventLog
import Wire

/// What reads the messages of each source of the region, as its facts up to one position have it. Made anew where the region changes,
/// not for every unit: a region may list thousands.
struct SourceReaders: Sendable {
    /// The position of the last fact about the region.
    let version: Position
    let settings: RegionSettings?
    /// By ODS code.
    let sources: [String: IngestPipeline.Source]
    /// Of every organisation of the region.
    let codes: Set<String>
}

extension Store {
    /// Those of the region as it is now.
    func currentReaders() throws(StoreError) -> SourceReaders {
        let region = try regionState()
        if let kept = sourceReaders.withLock({ $0 }), kept.version == region.history.head { return kept }
        let declaration = region.history.declaration
        let codes = Set(declaration.organisations.keys)
        var sources: [String: IngestPipeline.Source] = [:]
        for (code, organisation) in declaration.organisations {
            sources[code] = IngestPipeline.Source(
                reader: sourceReader(code, organisation, declaration.settings), region: codes)
        }
        let made = SourceReaders(
            version: region.history.head, settings: declaration.settings, sources: sources, codes: codes)
        sourceReaders.withLock { $0 = made }
        return made
    }

    /// Reads a message that waits for its turn, on the thread that it came in on: in its turn it is only linked, sealed and appended.
    /// Where that cannot be done at once (the region changed, or nothing of it was taken yet), it is read in its turn, as it is where the
    /// region changes meanwhile.
    ///
    /// - Parameter input: one message, whatever it holds, that says its source.
    public func readAhead(_ input: IngestInput) -> IngestInput {
        guard let kept = sourceReaders.withLock({ $0 }), let source = input.source,
            let reader = kept.sources[source]?.reader, isInForce(kept)
        else { return input }
        var input = input
        input.isOneMessage = true
        let pipeline = IngestPipeline(store: self, reader: reader, readers: kept, progress: nil)
        guard let message = CutMessage.messages(of: input).first else { return input }
        input.read = ReadMessage(version: kept.version, message: pipeline.prepare(message))
        return input
    }

    private func isInForce(_ kept: SourceReaders) -> Bool {
        // A log that cannot say is found out in the message's turn.
        do throws(LogError) { return try log.classHead(.regionFact) == kept.version } catch { return false }
    }
}
