import CLMDB
import Glibc

/// Files that are not LMDB's, on their way to the disk: what Linux has for it, and Swift's Glibc module does not show.
public enum FileRange {
    /// Writes the range's dirty pages and waits for the disk to take them: nothing is durable by that, and no metadata is written. A file
    /// written piece by piece so never has more than a piece waiting before another file's sync.
    ///
    /// - Returns: false where the disk did not take it, which a sync says as well.
    @discardableResult
    public static func writeBack(_ descriptor: Int32, at offset: UInt64, count: Int) -> Bool {
        daybook_write_back(descriptor, off_t(offset), off_t(count)) == 0
    }

    /// Makes durable whatever was written to the file system that a file or folder is on: of many small files and their folders, all at once.
    ///
    /// - Returns: 0, or the errno of what could not be written.
    public static func syncFileSystem(_ descriptor: Int32) -> Int32 {
        daybook_sync_file_system(descriptor) == 0 ? 0 : errno
    }
}
