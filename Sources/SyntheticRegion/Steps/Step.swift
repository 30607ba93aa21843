import Wire

/// One thing done to the store, at a time of the simulated clock: what a command and its file would do.
public struct Step: Sendable {
    public var time: Instant
    public var action: Action

    public enum Action: Sendable {
        /// `region apply`, approved by somebody where the file is not the first.
        case region(RegionDocument, file: String, approvedBy: String?)
        /// `policy record`.
        case sharing([SharingFact], file: String)
        /// `ingest`.
        case messages(Delivery)
        /// `view --as`: somebody's own access.
        case access(Look)
    }

    init(_ time: Instant, _ action: Action) { (self.time, self.action) = (time, action) }

    /// The command, without the program's name and the store.
    public var command: String {
        let what =
            switch action {
            case .region(_, let file, let approver):
                "region apply \(file)" + (approver.map { " --approved-by \($0)" } ?? "")
            case .sharing(_, let file): "policy record \(file)"
            case .messages(let delivery):
                "ingest --source \(delivery.source) --type \(delivery.format.rawValue) \(delivery.file)"
            case .access(let access):
                "view --as \(access.user) --patient \(access.patient)"
                    + (access.profile.map { " --role \($0)" } ?? "")
                    + (access.purpose == "direct-care" ? "" : " --purpose \(access.purpose)")
            }
        return "\(what) --now \(time)"
    }

    /// The bytes of the file that the command names; none for an access.
    public var file: [UInt8] {
        switch action {
        case .region(let document, _, _): Array(document.yaml.utf8)
        case .sharing(let facts, _): Array(SharingFact.yaml(facts).utf8)
        case .messages(let delivery): delivery.bytes
        case .access: []
        }
    }
}

/// What a source sends at one time: a file of messages.
public struct Delivery: Sendable {
    public enum Format: String, Sendable { case fhir, hl7v2 }

    public var source: String
    public var format: Format
    public var file: String
    public var messages: [[UInt8]]

    /// Bundles one a line; HL7 v2 messages one after the other, their segments ended by carriage returns.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(messages.reduce(0) { $0 + $1.count + 1 })
        for message in messages {
            out += message
            if format == .fhir { out.append(UInt8(ascii: "\n")) }
        }
        return out
    }
}

/// Somebody looks.
public struct Look: Sendable {
    public var user: String
    /// Where the user has several.
    public var profile: String?
    public var patient: String
    public var purpose: String
    /// What the plan or the story calls it.
    public var tag: String?

    init(
        _ user: String, _ patient: String, profile: String? = nil, purpose: String = "direct-care",
        tag: String? = nil
    ) {
        (self.user, self.patient, self.profile, self.purpose, self.tag) = (
            user, patient, profile, purpose, tag
        )
    }
}
