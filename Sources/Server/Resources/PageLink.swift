import CareRecord
import Wire

/// A page after the first: the position that all of them are as of, and what the one before it ended with. Signed with a key of the store's
/// own for one caller and one question, so that nobody can ask with it for another time, or another's answer; and for an hour.
struct PageLink: Hashable {
    static let microseconds: Int64 = 3_600_000_000

    var position: Position
    /// Resources shown before it, in the answer's order.
    var offset: Int
    /// What the first page said of how many there are.
    var total = 0
    /// Of versions, newest first: the page begins at that one's position or before it.
    var version: Position?
    /// The last resource or version shown before it, as a keyed hash.
    var last: String
}

extension Store {
    /// - Parameter instant: when the answer was decided.
    func pageText(_ page: PageLink, of request: ResourceRequest, from instant: Instant) -> String {
        let expires = instant.microseconds + PageLink.microseconds
        let text =
            "\(page.position.value).\(page.offset).\(page.total).\(page.version?.value ?? 0).\(page.last).\(expires)"
        return text + "." + pageSignature(text, request)
    }

    /// - Throws: `usage` for one that this store did not make for this caller and question, or that is too old.
    func page(_ text: String, of request: ResourceRequest) throws(StoreError) -> PageLink {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 7, let position = UInt64(parts[0]), let offset = Int(parts[1]), offset >= 0,
            let total = Int(parts[2]), let version = UInt64(parts[3]), let expires = Int64(parts[5]),
            parts[6] == pageSignature(parts[..<6].joined(separator: "."), request),
            expires >= (try clock()).microseconds
        else { throw .usage("_page: ask for the first page again") }
        return PageLink(
            position: Position(position), offset: offset, total: total,
            version: version == 0 ? nil : Position(version), last: parts[4])
    }

    /// What a link says of the last thing shown.
    func pageKey(_ name: String) -> String {
        keys.token(.credential, Array("page-end\u{0}\(name)".utf8)).description
    }

    /// Where a page begins among what is shown now. What was hidden or came into sight since the page before moves nothing.
    ///
    /// - Throws: `usage` where the page before ended with what is not shown any more: to go on by number would leave others out.
    func start(of page: PageLink?, among shown: [ShownResource]) throws(StoreError) -> Int {
        guard let page else { return 0 }
        func ends(_ index: Int) -> Bool { pageKey(shown[index].reference) == page.last }
        if (1...max(1, shown.count)).contains(page.offset), page.offset <= shown.count, ends(page.offset - 1)
        {
            return page.offset
        }
        guard let index = shown.indices.first(where: ends) else { throw Self.moved }
        return index + 1
    }

    static let moved = StoreError.usage(
        "_page: what may be shown has changed since; ask for the first page again")

    private func pageSignature(_ text: String, _ request: ResourceRequest) -> String {
        let caller = request.caller
        let who =
            "\(caller.viewer?.user ?? "")\u{0}\(caller.viewer?.profile ?? "")\u{0}\(caller.call.client ?? "")"
        return keys.token(.credential, Array("page\u{0}\(text)\u{0}\(who)\u{0}\(request.query)".utf8))
            .description
    }
}
