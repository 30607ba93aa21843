/// A file, or standard input, given to `ingest`.
public struct IngestInput: Sendable {
    /// The file's name without its folders; `-` for standard input.
    public var name: String
    public var bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
}
