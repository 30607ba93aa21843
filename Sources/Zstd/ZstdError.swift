/// What can go wrong with compressed bytes.
public enum ZstdError: Error, Hashable, Sendable {
    /// The frame does not say how long its content is, or there is more or less than one frame.
    case notOneFrame
    /// The frame says its content is longer than the caller allows. Nothing was decompressed.
    case tooLong(declared: UInt64, limit: Int)
    /// The frame is damaged, or was made with another dictionary.
    case damaged(String)
    /// The library refused to compress (out of memory).
    case library(String)
}
