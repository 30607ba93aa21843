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
    public var permitted: Bool
    public var rule: String
    public var basis: [Position]
    public var purpose: String?
    public var items: [ViewItem]
    public var tombstones: [ViewItem]
    /// Nil where the asker may not know.
    public var withheld: [ReceiptDetail.Withheld]?
    public var sources: [SourceStatus]
    /// Other groups of subjects that bear the number and are not shown.
    public var apart: Int
    /// When what is held was last joined or parted, if ever.
    public var identityChanged: Position?
    public var isSimulatedClock: Bool

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
        self.sources = sources
        apart = 0
        identityChanged = nil
        self.isSimulatedClock = isSimulatedClock
    }
}
