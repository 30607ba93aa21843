/// Where a log and its indexes lie.
public struct LogPaths: Sendable, Hashable {
    /// The directory of the log's environment.
    public var log: String
    /// The directory of the environment of its indexes.
    public var index: String

    public init(log: String, index: String) { (self.log, self.index) = (log, index) }

    /// `STORE/log` and `STORE/views/index`.
    public init(store: String) {
        (log, index) = (store + "/log", store + "/views/index")
    }
}
