import CareRecord
import Wire

/// The answer to `view` or `record`: what the JSON says, member by member, before its receipt.
public struct ViewAnswer: Sendable {
    /// As asked: an NHS number or `ODS:LOCALID`.
    public var patient: String
    /// Nil for `record`.
    public var viewer: Receipt.Person?
    public var position: Position
    /// What `at.time` shows; nil at position 0 without a time asked.
    public var time: Instant?
    public var isFinal: Bool
    /// *Should have seen*: policy and identity as known at this later position; nil for *could see*.
    public var knownAt: KnownAt?
    public var permitted: Bool
    public var rule: String
    public var basis: [Position]
    public var purpose: String?
    public var items: [ViewItem]
    public var tombstones: [ViewItem]
    /// Nil where the asker may not know.
    public var withheld: [ReceiptDetail.Withheld]?
    /// How many items of each source an open seal hides, for a role that may know; nil for others.
    public var sealed: [String: Int]?
    /// Whether the patient is shielded, and whether this viewer sees where they are all the same.
    public var shield: Shield?
    /// Categories of which nothing is shown; nil where no record was looked at.
    public var absent: AbsentCategories?
    /// What the viewer may do about a denial.
    public var offers: [Offer]
    public var sources: [SourceStatus]
    /// Other groups of subjects that bear the number and are not shown.
    public var apart: Int
    /// The event that joined or parted what is held, for 28 days after it.
    public var identityChanged: Position?
    /// What was erased of the patient, whatever time the answer is of.
    public var erased: [ErasedNotice] = []
    public var isSimulatedClock: Bool

    /// Until when what is recorded counts as known.
    public struct KnownAt: Hashable, Sendable {
        public var position: Position
        public var time: Instant?

        public init(position: Position, time: Instant?) { (self.position, self.time) = (position, time) }
    }

    /// How a shield shows in an answer.
    public enum Shield: String, Hashable, Sendable {
        case locationWithheld = "location-withheld"
        case locationShown = "location-shown"
    }

    public init(
        patient: String, viewer: Receipt.Person?, position: Position, time: Instant?, isFinal: Bool,
        permitted: Bool,
        rule: String, basis: [Position], purpose: String?, sources: [SourceStatus], isSimulatedClock: Bool
    ) {
        self.patient = patient
        self.viewer = viewer
        self.position = position
        self.time = time
        self.isFinal = isFinal
        self.permitted = permitted
        self.rule = rule
        self.basis = basis
        self.purpose = purpose
        items = []
        tombstones = []
        withheld = nil
        sealed = nil
        shield = nil
        knownAt = nil
        absent = nil
        offers = []
        self.sources = sources
        apart = 0
        identityChanged = nil
        self.isSimulatedClock = isSimulatedClock
    }
}

/// That something of a patient's was erased: when, and on whose authority.
public struct ErasedNotice: Hashable, Sendable {
    /// Where the order stands in this log.
    public var position: Position
    public var time: Instant
    public var authority: String
    /// How many of the patient's subjects it took.
    public var subjects: Int

    public init(position: Position, time: Instant, authority: String, subjects: Int) {
        (self.position, self.time) = (position, time)
        (self.authority, self.subjects) = (authority, subjects)
    }
}
