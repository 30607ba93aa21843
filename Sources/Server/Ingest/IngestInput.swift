/// A file, a piece of one, or standard input, given to `ingest`.
public struct IngestInput: Sendable {
    /// The file's name without its folders; `-` for standard input.
    public var name: String
    public var bytes: [UInt8]
    /// Of a piece of a file of many messages: the number of its first line in the whole, from 1. Nil for a whole file, whose
    /// kind is told by its content.
    public var firstLine: Int?
    /// Nil: told by how the bytes begin.
    public var type: MessageType?
    /// It is one message, whatever its content looks like.
    public var isOneMessage = false
    /// The organisation that it is from; nil: the one that the call names.
    public var source: String?
    /// Entries of a FHIR transaction that are held already, by number, with the source's ids of what is held.
    var standing: [Int: String] = [:]
    /// What a caller that waits for its answer knows the message by.
    public var ticket = 0
    /// Where it was read before its turn.
    var read: ReadMessage?

    public init(name: String, bytes: [UInt8], firstLine: Int? = nil, type: MessageType? = nil) {
        (self.name, self.bytes, self.firstLine, self.type) = (name, bytes, firstLine, type)
    }
}
