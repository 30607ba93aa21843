import EventLog
import Wire

/// The evidence of one answer: who asked, as what, about whom, on what basis, and what was shown and withheld.
///
/// What must survive an erasure is in `Receipt`, sealed under the region's key; what would tell about the patient is in
/// `ReceiptDetail`, sealed under a key that dies with any of the patient's.
public struct Receipt: Hashable, Sendable {
    /// How the answer came about. Only an actual one is the viewer's own access.
    public enum Kind: String, Hashable, Sendable, CaseIterable { case actual, simulated, replayed, exported }

    /// What was asked for.
    public enum Question: String, Hashable, Sendable, CaseIterable {
        case view, record, trail, quarantine, explain, diff
        case identityReview = "identity-review"
        case findPatient = "find-patient"
        /// Over HTTP: one resource, its versions, a search, all of a patient's resources.
        case read, history, search, everything
        /// A source's update, where it was refused: one that is taken is an event of its own.
        case write
        /// A user's own word, an override or a self-claim, where it was refused: one that is taken is an event of its own.
        case declaration
        /// What changed that may be seen: resources named, and not shown.
        case feed
        /// A request that was not let in.
        case signIn = "sign-in"
    }

    /// A user as they were then.
    public struct Person: Hashable, Sendable {
        public var user: String
        public var name: String?
        public var profile: String?
        public var role: String?
        public var roleName: String?
        public var organisation: String?
        public var organisationName: String?
        public var workgroups: [String]

        public init(
            user: String, name: String? = nil, profile: String? = nil, role: String? = nil,
            roleName: String? = nil,
            organisation: String? = nil, organisationName: String? = nil, workgroups: [String] = []
        ) {
            self.user = user
            self.name = name
            self.profile = profile
            self.role = role
            self.roleName = roleName
            self.organisation = organisation
            self.organisationName = organisationName
            self.workgroups = workgroups
        }
    }

    /// What a request over HTTP said of itself.
    public struct Call: Hashable, Sendable {
        /// The client, as its token names it.
        public var client: String?
        /// The W3C trace id.
        public var trace: String
        /// The client's own number for the request.
        public var sequence: String?
        /// Refusals before this one that came too fast to be recorded one by one.
        public var unrecorded: Int?

        public init(client: String?, trace: String, sequence: String? = nil, unrecorded: Int? = nil) {
            (self.client, self.trace, self.sequence) = (client, trace, sequence)
            self.unrecorded = unrecorded
        }
    }

    /// The earlier side of a difference: where it stood, and what was decided of the whole there.
    public struct Earlier: Hashable, Sendable {
        public var position: Position
        public var instant: Instant
        public var permitted: Bool
        public var rule: String
        public var basis: [Position]

        public init(position: Position, instant: Instant, permitted: Bool, rule: String, basis: [Position]) {
            (self.position, self.instant) = (position, instant)
            (self.permitted, self.rule, self.basis) = (permitted, rule, basis)
        }
    }

    /// A `once` permission that this receipt uses up.
    public struct Spent: Hashable, Sendable {
        public var permission: Position
        /// The number or subject the permission is kept under.
        public var under: StreamToken

        public init(permission: Position, under: StreamToken) {
            (self.permission, self.under) = (permission, under)
        }
    }

    public var kind: Kind
    public var question: Question
    /// Whose sight the answer is: nil where no user of the policy is meant (`record` by a store's owner).
    public var viewer: Person?
    /// Who asked, where that is somebody else: a user known to policy.
    public var operatorUser: String?
    /// The operating system's user that ran the command.
    public var systemUser: String
    public var purpose: String?
    public var caseID: String?
    /// The position served, and the instant that effective periods were compared with.
    public var position: Position
    public var instant: Instant
    public var isFinal: Bool
    /// *Should have seen*: up to where policy and identity counted as known; nil for *could see*.
    public var known: Position?
    /// The last region fact at or before the position.
    public var policy: Position
    /// Which way items became an answer's bytes: 2 since references to what is withheld are taken out of a view as well.
    public var renderer: Int
    public static let currentRenderer = 2
    public var permitted: Bool
    public var rule: String
    public var basis: [Position]
    public var shown: Int
    public var withheld: Int
    /// The sources of what was shown, by ODS code.
    public var sources: [String]
    /// Every subject in the answer; for an unknown patient what was asked for.
    public var subjects: [StreamToken]
    public var items: Digest
    public var body: Digest
    public var spends: [Spent]
    /// Overrides, and self-claimed relationships, that the answer stands on.
    public var overrides: [Position] = []
    /// Nil for a command.
    public var call: Call?
    /// Of a difference; `position`, `permitted`, `rule` and `basis` are those of its later side, and `shown` counts the items it named.
    /// Nil in the receipts of differences written before there was such a member.
    public var earlier: Earlier?
    /// The question in one canonical line, where it is about nobody known: else it stands in the detail.
    public var query: String?

    public init(
        kind: Kind, question: Question, viewer: Person?, operatorUser: String?, systemUser: String,
        purpose: String?,
        caseID: String?, position: Position, instant: Instant, isFinal: Bool, policy: Position,
        permitted: Bool,
        rule: String, basis: [Position], shown: Int, withheld: Int, sources: [String],
        subjects: [StreamToken],
        items: Digest, body: Digest, spends: [Spent] = [], renderer: Int = Self.currentRenderer
    ) {
        self.kind = kind
        self.question = question
        self.viewer = viewer
        self.operatorUser = operatorUser
        self.systemUser = systemUser
        self.purpose = purpose
        self.caseID = caseID
        self.position = position
        self.instant = instant
        self.isFinal = isFinal
        self.policy = policy
        self.permitted = permitted
        self.rule = rule
        self.basis = basis
        self.shown = shown
        self.withheld = withheld
        self.sources = sources
        self.subjects = subjects
        self.items = items
        self.body = body
        self.spends = spends
        self.renderer = renderer
    }
}
