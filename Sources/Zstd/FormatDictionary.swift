import CDictionaries

/// The dictionaries that are part of the log's format: versioned, compiled in, kept for good.
///
/// Trained on synthetic resources only (tools/dictionary). FORMAT.md names each version's SHA-256.
public enum FormatDictionary {
    /// The version written today.
    public static let current: UInt8 = 1
    /// The level that dictionaries compress at. Of the levels above, the third saves 4 % of a record's bytes for a third
    /// more time.
    public static let level: Int32 = Zstd.fastestLevel

    /// Digested once, on first use.
    private static let version1 = make(1)

    /// - Returns: nil for a version this build does not know.
    public static func version(_ version: UInt8) -> ZstdDictionary? {
        version == 1 ? version1 : nil
    }

    private static func make(_ version: UInt8) -> ZstdDictionary? {
        var length = 0
        guard let start = unsafe daybook_dictionary(version, &length) else { return nil }
        return unsafe try? ZstdDictionary(
            Array(UnsafeBufferPointer(start: start, count: length)), level: level)
    }
}
