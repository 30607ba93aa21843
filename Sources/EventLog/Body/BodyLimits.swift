/// The named limits of a body: what a reader takes at most, so that no bytes can make it run away.
public enum BodyLimits {
    /// The most bytes of one part's payload, uncompressed.
    public static let payloadBytes = 256 << 20
    /// The most items of one part.
    public static let items = 1 << 20
    /// The most bytes of one item's meta.
    public static let metaBytes = 16 << 20
    /// The most edits of one derived item.
    public static let edits = 1 << 20
    /// The most bytes of all items' contents together, derived ones computed.
    public static let contentBytes = 512 << 20
    /// Bytes of a body's salt.
    public static let saltBytes = 32
}
