import Wire

/// A part's payload, decoded: items whose contents are slices of it, or are computed when asked for.
///
/// Everything was checked when it was decoded: no accessor fails on an index below `count`.
public struct Body: Sendable {
    /// The payload as it was stored, `BodyLimits` kept.
    public let payload: ArraySlice<UInt8>
    let entries: [Entry]

    /// Where an item lies in the payload.
    struct Entry: Sendable {
        var meta: Range<Int>
        /// The literal content, or the encoded splice.
        var content: Range<Int>
        var isDerived: Bool
    }

    init(payload: ArraySlice<UInt8>, entries: [Entry]) {
        (self.payload, self.entries) = (payload, entries)
    }

    public var count: Int { entries.count }

    /// 32 secret bytes that the items' salts are made from.
    public var salt: ArraySlice<UInt8> { payload.dropFirst().prefix(BodyLimits.saltBytes) }

    public func meta(of index: Int) -> ArraySlice<UInt8> { payload[entries[index].meta] }

    /// The item's content: a slice of the payload, or computed from item 0's.
    public func content(of index: Int) -> ArraySlice<UInt8> {
        guard let splice = splice(of: index) else { return payload[entries[index].content] }
        do {
            return try splice.content(of: payload[entries[0].content])[...]
        } catch {
            preconditionFailure("a splice was checked when the body was decoded: \(error)")
        }
    }

    /// How item `index` is derived from item 0; nil where its content is its own.
    public func splice(of index: Int) -> JSONSplice? {
        let entry = entries[index]
        guard entry.isDerived else { return nil }
        var reader = ByteReader(payload[entry.content])
        do {
            return try reader.splice()
        } catch {
            preconditionFailure("a splice was checked when the body was decoded: \(error)")
        }
    }

    public func item(_ index: Int) -> BodyItem {
        let content =
            splice(of: index).map(ItemContent.derived) ?? .literal(Array(payload[entries[index].content]))
        return BodyItem(meta: Array(meta(of: index)), content: content)
    }

    public var items: [BodyItem] { (0..<count).map(item) }
}
