import CareRecord
import Ciphers
import EventLog
import Intake
import SyntheticRegion
import Wire

/// Makes a store of a synthetic region: every step goes the way that the command of its name goes.
public struct DemoMaker: ~Copyable {
    /// What was made.
    public struct Made: Sendable {
        public var regionFiles = 0
        public var facts = 0
        public var messages = 0
        public var accepted = 0
        public var duplicate = 0
        public var quarantined = 0
        public var accesses = 0
        public var refused = 0
        /// Receipts of the accesses that the plan and the story name.
        public var receipts: [String: Receipt] = [:]
        /// Of all commands and files, in order: equal for the same number of patients and the same seed.
        public var digest = Digest.zero

        public struct Receipt: Sendable {
            public var position: Position
            public var permitted: Bool
            public var time: Instant
        }
    }

    private let store: Store
    private var region: SyntheticRegion
    private var inputs = SHA256()
    public private(set) var made = Made()

    /// How the store is opened while it is made: one that is made of nothing but a seed need not survive an interruption. Closing it
    /// syncs it.
    public static var options: LogOptions {
        var options = LogOptions()
        options.syncsEachCommit = false
        return options
    }

    /// Whom receipts and facts name as the system's user: the maker, not whoever runs it, so that stores are alike.
    private static let asker = Asker(systemUser: "daybook-demo")

    public static let defaultSeed = SyntheticRegion.defaultSeed

    /// Makes the store that the region is to be made in.
    public static func create(at directory: String) throws(StoreError) {
        try Store.create(at: directory, simulatedClock: true, now: SyntheticRegion.start)
    }

    /// - Parameter store: one that `create` made, and nothing was done to since.
    public init(store: Store, patients: Int, seed: UInt64) {
        self.store = store
        region = SyntheticRegion(patients: patients, seed: seed)
    }

    public var users: Int { region.users }
    public var misuse: MisusePlan { region.misuse }
    public var story: Story { region.story }
    /// Simulated days that are done.
    public var day: Int { region.day }

    /// Takes the next step.
    ///
    /// - Returns: false where all is done.
    public mutating func step() throws(StoreError) -> Bool {
        guard let step = region.next() else { return false }
        try store.setClock(to: step.time)
        let file = step.file
        inputs.update(Array(step.command.utf8))
        inputs.update(byte: 0x0A)
        inputs.update(file)
        switch step.action {
        case .region(_, let name, let approver): try apply(file, name, approver)
        case .sharing(_, let name): try record(file, name)
        case .messages(let delivery): try take(delivery, file)
        case .access(let access): try look(access, at: step.time)
        }
        made.digest = inputs.finish()
        return true
    }

    private mutating func apply(_ bytes: [UInt8], _ name: String, _ approver: String?) throws(StoreError) {
        let file = try read { () throws(PolicyFileError) in try RegionFile(bytes, file: name) }
        _ = try store.applyRegion(file, fileName: name, approvedBy: approver, asker: Self.asker)
        made.regionFiles += 1
    }

    private mutating func record(_ bytes: [UInt8], _ name: String) throws(StoreError) {
        let declared = try store.regionDeclaration()
        let file = try read { () throws(PolicyFileError) in
            try PatientPolicyFile(
                bytes, file: name, calendar: declared.settings?.calendar ?? .london, declared: declared)
        }
        _ = try store.recordPolicy(file.drafts, asker: Self.asker)
        made.facts += file.drafts.count
    }

    private func read<T>(_ body: () throws(PolicyFileError) -> T) throws(StoreError) -> T {
        do throws(PolicyFileError) { return try body() } catch {
            throw .usage("the demo's own file: \(error)")
        }
    }

    private mutating func take(_ delivery: Delivery, _ bytes: [UInt8]) throws(StoreError) {
        let type: MessageType = delivery.format == .fhir ? .fhir : .hl7v2
        let input = IngestInput(name: delivery.file, bytes: bytes, type: type)
        let summary = try store.ingest(source: delivery.source, inputs: [input])
        made.messages += summary.messages
        made.accepted += summary.accepted
        made.duplicate += summary.duplicate
        made.quarantined += summary.quarantined
    }

    private mutating func look(_ access: Look, at time: Instant) throws(StoreError) {
        guard let patient = PatientReference(access.patient) else {
            throw .usage("the demo's own patient \(access.patient)")
        }
        let answer = try store.view(
            ViewRequest(
                user: access.user, patient: patient, purpose: access.purpose, profile: access.profile,
                asker: Self.asker))
        made.accesses += 1
        if !answer.answer.permitted { made.refused += 1 }
        if let tag = access.tag {
            made.receipts[tag] = Made.Receipt(
                position: answer.receiptPosition, permitted: answer.answer.permitted, time: time)
        }
    }
}
