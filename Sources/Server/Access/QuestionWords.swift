import Projections

extension Receipt.Question {
    /// What was asked, in words: a command by its name, a request over HTTP by what it asked for.
    public var words: String {
        switch self {
        case .identityReview: "identity review"
        case .findPatient: "find-patient"
        case .read: "one resource"
        case .history: "a resource's versions"
        case .search: "a search"
        case .everything: "all resources"
        case .write: "an update refused"
        case .declaration: "a declaration refused"
        case .feed: "the feed"
        case .signIn: "sign-in"
        case .view, .record, .trail, .quarantine, .explain, .diff: rawValue
        }
    }
}
