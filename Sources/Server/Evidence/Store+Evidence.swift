import CareRecord
import Ciphers
import EventLog
import Projections
import Wire

/// Checkpoints of the store's log, and what a third party can check without trusting it.
extension Store {
    /// The key that signs this store's checkpoints: made where the store is of before there was one.
    public func checkpointKey() throws(StoreError) -> NoteKey { try signer().key }

    /// The key that signs a store's checkpoints as its key store has it, read beside whoever writes it; nil where the key store or its
    /// master key is not at hand.
    public static func signingKey(at directory: String, masterKey: MasterKeySource? = nil) -> NoteKey? {
        let paths = StorePaths(directory)
        guard let master = try? MasterKey.load(masterKey ?? .file(path: paths.masterKey)) else { return nil }
        return signingKey(paths, master)
    }

    static func signingKey(_ paths: StorePaths, _ master: SecretKey) -> NoteKey? {
        guard let keys = try? KeyStore(at: paths.keys, master: master, readOnly: true) else { return nil }
        defer { keys.close() }
        return (try? keys.signer())?.key
    }

    private func signer() throws(StoreError) -> CheckpointSigner {
        do throws(LogError) { return try keys.makeSigner() } catch { throw .log(error) }
    }

    /// A signed checkpoint of the log as it stands, kept in the log.
    public func makeCheckpoint(
        progress: @escaping @Sendable (Position) -> Void = { _ in }
    ) throws(StoreError) -> SignedNote {
        let signer = try signer()
        do throws(LogError) { return try log.makeCheckpoint(signer, progress: progress) } catch {
            throw .log(error)
        }
    }

    /// A receipt as evidence: its header, what it says, and the proof that it stands at its position. Reading it is recorded.
    ///
    /// - Parameters:
    ///   - withDetail: disclose also what tells about the patient: which items, what was withheld and concealed, and the salts of the
    ///     digests. For whoever has an open case for the patient, or owns a store with a simulated clock.
    ///   - caseReference: that case.
    /// - Throws: `usage` where no receipt stands there, or the detail is asked for and cannot be had; `refused`.
    public func evidence(
        ofReceipt position: Position, withDetail: Bool, caseReference: String? = nil, asker: Asker
    ) throws(StoreError) -> RecordProof {
        let access = try unrecordedAccess(at: position, asker: asker).whole
        if withDetail {
            guard let detail = access.detail else {
                throw .usage("the receipt at \(position) has no detail about a patient, or no longer")
            }
            try checkDetail(detail, caseReference, asker)
        }
        try recordReading(
            of: access, asker, .exported, caseID: caseReference,
            query: "access show \(position) evidence\(withDetail ? " detail" : "")")
        let note = try checkpoint(covering: position)
        return try StoreError.translating {
            let record = try log.read(at: position)
            let a = withDetail ? try opener.open(.a, of: record.header, sealed: record.partA) : nil
            let b = try opener.open(.b, of: record.header, sealed: record.partB)
            let items = try disclosures(record, a: a, b: b)
            let proof = try log.proof(of: position, items: items, under: note)
            // What is handed out holds.
            try proof.check(by: keys.makeSigner().key)
            return proof
        }
    }

    /// What a receipt conceals even from auditors is in its detail, which is disclosed whole or not at all.
    private func checkDetail(
        _ detail: ReceiptDetail, _ caseReference: String?, _ asker: Asker
    ) throws(StoreError) {
        let head = try head()
        guard let identity = try operatorIdentity(asker, head: head) else { return }
        guard let caseReference, let patient = PatientReference(detail.patient),
            try isOpen(caseReference, for: patient, head: head)
        else {
            throw .refused(
                "\(identity.user) discloses a receipt's detail only under an open case for its patient: --case REF"
            )
        }
    }

    /// Every item of part B, and of part A where it is opened. The path of an item runs over both parts' leaves: of a part that
    /// was erased they are not known, so that such a receipt is proved by its header alone.
    private func disclosures(_ record: StoredRecord, a: Body?, b: Body?) throws(LogError) -> [ItemDisclosure]
    {
        var hidden = a
        if a == nil {
            do throws(LogError) {
                hidden = try opener.open(.a, of: record.header, sealed: record.partA)
            } catch {
                if case .destroyed = error { return [] }
                throw error
            }
        }
        var out: [ItemDisclosure] = []
        for index in 0..<(b?.count ?? 0) {
            if let item = Commitment.disclosure(item: index, of: .b, a: hidden, b: b) { out.append(item) }
        }
        for index in 0..<(a?.count ?? 0) {
            if let item = Commitment.disclosure(item: index, of: .a, a: a, b: b) { out.append(item) }
        }
        return out
    }

    /// The newest checkpoint where it covers a position, else a new one.
    public func checkpoint(covering position: Position) throws(StoreError) -> SignedNote {
        do throws(LogError) {
            if let note = try log.newestCheckpoint(), let size = try? note.size, size >= position.value {
                return note
            }
        } catch { throw .log(error) }
        return try makeCheckpoint()
    }
}
