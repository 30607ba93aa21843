/// Where the parts of a store lie.
public struct StorePaths: Hashable, Sendable {
    public let directory: String

    public init(_ directory: String) { self.directory = directory }

    /// LMDB: records, tiles, commits. Append only.
    public var log: String { directory + "/log" }
    /// LMDB: wrapped keys. The only deletable truth.
    public var keys: String { directory + "/keys" }
    /// Read models and the log's indexes. Rebuildable.
    public var views: String { directory + "/views" }
    /// Where a process that serves the store takes commands.
    public var control: String { directory + "/control.sock" }
    /// The master key that `init` makes where none is given: beside the store, never in it.
    public var masterKey: String { directory + ".key" }
}
