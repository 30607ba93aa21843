/// What auditors ask.
extension OpenAPIOperation {
    static let audit: [OpenAPIOperation] = [
        audit("view", "What a user could see of a patient", sight + [("at", true), ("known-at", false)]),
        audit(
            "explain", "Why a user saw what they saw: rules, events, and what would change it",
            sight + [("at", true), ("known-at", false), ("item", false)]),
        audit(
            "diff", "What became visible to a user, or ceased to be, and what did it",
            sight + [("from", true), ("to", true)]),
        audit(
            "record", "All that is held of a patient, before policy: under an open case",
            [("patient", true), ("at", false), ("case", false)]),
        audit(
            "access", "Who looked at whom, oldest first, a page at a time",
            [
                ("patient", false), ("user", false), ("from", false), ("to", false), ("after", false),
                ("count", false),
            ]),
        audit("access/{position}", "One receipt", []),
        feed,
    ]

    private static let feed: OpenAPIOperation = {
        var operation = Self(
            method: "get", path: "/feed",
            summary: "Which resources that the caller may see changed after a position",
            answers: refusals.merging([
                200: "A line or an event for each; the last says where to go on",
                406: "Neither NDJSON nor events are accepted",
            ]) { first, _ in first }, type: FeedRoutes.ndjson, isPrivate: true)
        operation.query = [("after", false)]
        (operation.alternative, operation.failureType) = (FeedRoutes.events, "application/problem+json")
        return operation
    }()

    private static let sight = [
        ("as", true), ("patient", true), ("purpose", false), ("role", false), ("case", false),
    ]

    private static func audit(
        _ path: String, _ summary: String, _ query: [(String, Bool)]
    ) -> OpenAPIOperation {
        var operation = Self(
            method: "get", path: "/audit/\(path)", summary: summary,
            answers: refusals.merging([200: "As the command prints it"]) { first, _ in first },
            isPrivate: true)
        operation.query = query
        operation.failureType = "application/problem+json"
        return operation
    }
}
