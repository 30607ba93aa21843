/// What can go wrong with LZ4 blocks.
public enum LZ4Error: Error, Hashable, Sendable {
    /// More bytes than the library takes at a time.
    case tooLong(Int)
    /// The block is damaged, or is not of the content's length.
    case damaged
    /// The library refused to compress.
    case library
}
