/// What a resource, or a person's message, says of whose care the patient is in (decision 20).
struct CareWord: Equatable, Sendable {
    enum Kind: Equatable, Sendable { case person, episode, team, referral }

    enum State: Equatable, Sendable {
        /// Until then, in microseconds.
        case open(until: Int64?)
        case ended(Int64)
        case over
        case neverWas
    }

    var kind: Kind
    /// ODS codes named.
    var organisations: [String] = []
    var state = State.open(until: nil)
    /// Since when, in microseconds.
    var from: Int64?
}
