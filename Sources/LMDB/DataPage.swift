/// The pages of a data file as LMDB 0.9 writes them, little-endian as the machines are that this runs on.
///
///     0   number u64 ‖ pad u16 ‖ flags u16 ‖ lower u16 ‖ upper u16
///     16  branch, leaf: the places of its nodes, u16 each, up to `lower`; the nodes lie from `upper` to the page's end
///         meta: magic u32 ‖ version u32 ‖ address u64 ‖ map size u64 ‖ page size u32 ‖ …
///         overflow: the value itself, which goes on over the pages that follow
///     node: low u16 ‖ high u16 ‖ flags u16 ‖ key length u16 ‖ key ‖ in a leaf, low | high << 16 bytes of value
public enum DataPage {
    private static let headerBytes = 16
    private static let nodeHeaderBytes = 8
    /// Bytes from a file's beginning to the size of its pages.
    private static let pageSizeAt = 40

    private enum Flag {
        static let branch: UInt16 = 0x01
        static let leaf: UInt16 = 0x02
        static let overflow: UInt16 = 0x04
        static let meta: UInt16 = 0x08
        /// Keys of one length without nodes: only in databases of many values a key.
        static let bare: UInt16 = 0x20
        static let kinds = branch | leaf | overflow | meta | bare
        /// The node's value is the number of an overflow page.
        static let elsewhere: UInt16 = 0x01
        /// The node's value is a database's root.
        static let database: UInt16 = 0x02
    }

    /// Bytes of a page of the file that begins so; nil where it is no data file.
    public static func bytes(ofFirst page: [UInt8]) -> Int? {
        guard page.count >= pageSizeAt + 4, word(page, 10) & Flag.meta != 0 else { return nil }
        let size = Int(word(page, pageSizeAt)) | Int(word(page, pageSizeAt + 2)) << 16
        return (512...65536).contains(size) && size.nonzeroBitCount == 1 ? size : nil
    }

    /// The page without any value, and with nothing between its entries: whoever is in the middle of a search finds its way, and zeros at
    /// the end of it. What leads on stays: keys, the numbers of other pages, the roots of databases.
    ///
    /// A page that is none (the rest of a long value, or never written) becomes zeros, and so does one whose nodes do not lie in it: no search
    /// comes to such a one.
    ///
    /// - Parameter number: its place in the file, in pages.
    public static func withoutValues(_ page: [UInt8], number: UInt64) -> [UInt8] {
        let zeros = [UInt8](repeating: 0, count: page.count)
        guard page.count >= headerBytes, long(page, 0) == number else { return zeros }
        switch word(page, 10) & Flag.kinds {
        case Flag.meta: return page
        case Flag.overflow: return Array(page[..<headerBytes] + zeros[headerBytes...])
        case Flag.branch: return nodes(page, isLeaf: false) ?? zeros
        case Flag.leaf: return nodes(page, isLeaf: true) ?? zeros
        default: return zeros
        }
    }

    private static func nodes(_ page: [UInt8], isLeaf: Bool) -> [UInt8]? {
        let (lower, upper) = (Int(word(page, 12)), Int(word(page, 14)))
        guard headerBytes <= lower, lower <= upper, upper <= page.count else { return nil }
        var out = [UInt8](repeating: 0, count: page.count)
        out.replaceSubrange(..<lower, with: page[..<lower])
        for place in stride(from: headerBytes, to: lower - 1, by: 2) {
            let node = Int(word(page, place))
            guard node >= upper, node + nodeHeaderBytes <= page.count else { return nil }
            let flags = word(page, node + 4)
            var end = node + nodeHeaderBytes + Int(word(page, node + 6))
            if isLeaf, flags & Flag.elsewhere != 0 {
                end += 8
            } else if isLeaf, flags & Flag.database != 0 {
                end += Int(word(page, node)) | Int(word(page, node + 2)) << 16
            }
            guard end <= page.count else { return nil }
            out.replaceSubrange(node..<end, with: page[node..<end])
        }
        return out
    }

    private static func word(_ page: [UInt8], _ at: Int) -> UInt16 {
        UInt16(page[at]) | UInt16(page[at + 1]) << 8
    }

    private static func long(_ page: [UInt8], _ at: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(page[at + $1]) << UInt64(8 * $1) }
    }
}
