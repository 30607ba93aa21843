/// What a view must answer, but for its receipt and its viewer.
struct ExpectedView: Equatable {
    struct Item: Equatable {
        var position: UInt64
        var recorded: Int64
        var effective: String?
        var source: String
        var category: String
        var rule: String
        var basis: [UInt64]
        var type: String
        var id: String
        /// nil for a tombstone.
        var resource: JSONTree?
        /// What a corrected result said before.
        var previous: Previous?
    }

    struct Previous: Equatable {
        var position: UInt64
        var recorded: Int64
        var resource: JSONTree?
    }

    struct Withheld: Equatable {
        var category: String
        var count: Int
        var rule: String
        var basis: [UInt64]
    }

    struct Source: Equatable {
        var source: String
        var status: String
        var last: Int64?
    }

    var outcome: String
    var rule: String
    var basis: [UInt64]
    var position: UInt64
    var time: Int64?
    var final: Bool
    var apart: Int
    var items: [Item] = []
    var tombstones: [Item] = []
    /// nil where the member must be absent.
    var withheld: [Withheld]?
    var sources: [Source] = []
    /// By source, items that an open seal hides; nil where the member must be absent.
    var sealed: [String: Int]?
    /// `location-withheld` or `location-shown` of a shielded patient.
    var shield: String?
    /// Of *should have seen*: until when things count as known.
    var knownAt: UInt64?
    /// Categories of which nothing is shown, where a record is.
    var absent: [String]?
    /// The steps offered to whom something is denied.
    var offers: Set<String> = []
    /// The event that last changed who the patient is.
    var identityChanged: UInt64?
    /// Positions of the `once` permissions that an actual view of this answer spends.
    var spends: [UInt64] = []
}
