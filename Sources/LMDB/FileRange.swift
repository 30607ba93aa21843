import CLMDB
import Glibc

/// Ranges of files that are not LMDB's, on their way to the disk.
public enum FileRange {
    /// Writes the range's dirty pages and waits for the disk to take them: nothing is durable by that, and no metadata is written. A file
    /// written piece by piece so never has more than a piece waiting before another file's sync.
    ///
    /// - Returns: false where the disk did not take it, which a sync says as well.
    @discardableResult
    public static func writeBack(_ descriptor: Int32, at offset: UInt64, count: Int) -> Bool {
        daybook_write_back(descriptor, off_t(offset), off_t(count)) == 0
    }
}
