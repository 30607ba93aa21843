import CareRecord

/// The ids of a question, as somebody typed them: bounded before a receipt names them.
enum TypedIDs {
    /// - Parameter profile: an id, or `ORG/CODE`.
    /// - Throws: `usage` where one is longer than policy can have it.
    static func insist(
        user: String, profile: String?, purpose: String, asker: Asker
    ) throws(StoreError) {
        let most = Viewer.maximumIDBytes
        let typed: [(option: String, value: String?, most: Int)] = [
            ("--as", user, most), ("--role", profile, 2 * most + 1), ("--purpose", purpose, most),
            ("--operator", asker.user, most),
        ]
        for id in typed where id.value?.utf8.count ?? 0 > id.most {
            throw .usage(
                "\(id.option): \(id.value?.utf8.count ?? 0) bytes, and an id has at most \(id.most): give the user, profile or purpose as the region's policy names it"
            )
        }
    }
}

extension ViewRequest {
    func insistOnIDs() throws(StoreError) {
        try TypedIDs.insist(user: user, profile: profile, purpose: purpose, asker: asker)
    }
}
