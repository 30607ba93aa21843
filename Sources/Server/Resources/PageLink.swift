import CareRecord
import Wire

/// A page after the first: the position that all of them are as of, and how far the ones before it went. Signed with a key of the
/// store's own for one caller and one question, so that nobody can ask with it for another time, or another's answer; and for an hour.
struct PageLink: Hashable {
    static let microseconds: Int64 = 3_600_000_000

    var position: Position
    /// Resources shown before it, in the answer's order.
    var offset: Int
}

extension Store {
    /// - Parameter instant: what the answer was decided for: its receipt says it, so that the same link can be made again.
    func pageText(_ page: PageLink, of request: ResourceRequest, from instant: Instant) -> String {
        let expires = instant.microseconds + PageLink.microseconds
        let text = "\(page.position.value).\(page.offset).\(expires)"
        return text + "." + pageSignature(text, request)
    }

    /// - Throws: `usage` for one that this store did not make for this caller and question, or that is too old.
    func page(_ text: String, of request: ResourceRequest) throws(StoreError) -> PageLink {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let position = UInt64(parts[0]), let offset = Int(parts[1]), offset >= 0,
            let expires = Int64(parts[2]),
            parts[3] == pageSignature(parts[..<3].joined(separator: "."), request),
            expires >= (try clock()).microseconds
        else { throw .usage("_page: ask for the first page again") }
        return PageLink(position: Position(position), offset: offset)
    }

    private func pageSignature(_ text: String, _ request: ResourceRequest) -> String {
        let caller = request.caller
        let who =
            "\(caller.viewer?.user ?? "")\u{0}\(caller.viewer?.profile ?? "")\u{0}\(caller.call.client ?? "")"
        return keys.token(.credential, Array("page\u{0}\(text)\u{0}\(who)\u{0}\(request.query)".utf8))
            .description
    }
}
