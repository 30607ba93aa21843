/// Whether a splice lies within its source, edit by edit, and the most bytes that its content takes.
public struct SpliceBounds: Sendable {
    private let end: Int
    private var left: Int
    private var total: Int

    /// - Throws: `WireError.invalid` where the range lies outside a source of that many bytes.
    public init(start: Int, length: Int, in sourceCount: Int) throws(WireError) {
        guard start >= 0, length >= 0, start <= sourceCount, length <= sourceCount - start else {
            throw WireError(.invalid, at: start, what: "a range outside its source")
        }
        (end, left, total) = (start + length, length, length)
    }

    /// - Throws: `WireError.invalid` where the edit lies outside what the edits before it left.
    public mutating func add(offset: Int, deleted: Int, inserted: Int) throws(WireError) {
        guard offset >= 0, offset <= left, deleted >= 0, deleted <= left - offset else {
            throw WireError(.invalid, at: end - left, what: "an edit outside its range")
        }
        left -= offset + deleted
        total += inserted - deleted
    }

    /// Bytes at most, slack for copying whole words included.
    public var capacity: Int { total + JSONMinifier.slackBytes }
}
