import CareRecord
import Wire

/// One resource as intake leaves it: what is known of it, and how its content comes out of the message's
/// bytes.
public struct ItemDraft: Sendable {
    public enum Content: Hashable, Sendable {
        /// A range of the message's bytes with edits, whitespace outside strings dropped. Byte offsets count
        /// from the message's first byte.
        case derived(JSONSplice)
        /// Bytes of its own. Empty for a deletion.
        case literal([UInt8])
    }

    public var meta: ItemMeta
    public var content: Content

    public init(meta: ItemMeta, content: Content) { (self.meta, self.content) = (meta, content) }

    /// The content's bytes, given the message's.
    ///
    /// - Throws: `WireError.invalid` where `raw` is not the message the draft was made of.
    public func bytes(of raw: [UInt8]) throws(WireError) -> [UInt8] {
        switch content {
        case .derived(let splice): try splice.content(of: raw)
        case .literal(let bytes): bytes
        }
    }
}
