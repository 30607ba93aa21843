import Wire

/// Evidence that a record stands at its position in a log, in C2SP's tlog-proof text. The extra data is what the leaf is made
/// from, and whatever of the record's items is disclosed:
///
///     u8 1 ‖ header 216 ‖ varint n ‖ n × (varint leaf index ‖ varint leaf count ‖ salt 32 ‖ varint length ‖ meta ‖
///     varint length ‖ content ‖ varint path hashes ‖ 32 each)
public struct RecordProof: Hashable, Sendable {
    public var header: RecordHeader
    public var items: [ItemDisclosure]
    /// From the leaf's sibling up (RFC 6962, section 2.1.1).
    public var path: [Digest]
    public var note: SignedNote

    static let firstLine = "c2sp.org/tlog-proof@v1"

    public init(header: RecordHeader, items: [ItemDisclosure] = [], path: [Digest], note: SignedNote) {
        (self.header, self.items, self.path, self.note) = (header, items, path, note)
    }

    /// - Throws: where the bytes are no such proof. Whether it holds is for `check`.
    public init(parsing bytes: [UInt8]) throws(EvidenceError) {
        guard bytes.count <= EvidenceLimits.proofBytes else {
            throw EvidenceError("a proof of \(bytes.count) bytes, and at most \(EvidenceLimits.proofBytes)")
        }
        var lines = try EvidenceLines(bytes[...])
        guard try lines.next("the first line").elementsEqual(Self.firstLine.utf8) else {
            throw EvidenceError(line: 1, "not \(Self.firstLine)")
        }
        guard let text = lines.value(of: "extra"), let extra = Base64.decode(text) else {
            throw EvidenceError(line: 2, "there is no extra data in base 64")
        }
        (header, items) = try Self.readExtra(extra)
        guard let digits = lines.value(of: "index"), let index = EvidenceLines.number(digits) else {
            throw EvidenceError(line: 3, "there is no index")
        }
        guard index == header.position.value - 1 else {
            throw EvidenceError(
                line: 3, "the index is \(index), and the header's position \(header.position)")
        }
        path = try lines.hashes()
        guard let start = lines.restStart else { throw EvidenceError("there is no checkpoint") }
        note = try SignedNote(parsing: Array(bytes[start...]))
    }

    public var bytes: [UInt8] {
        let (extra, end) = (extra, note.bytes)
        var out = Array("\(Self.firstLine)\nextra ".utf8)
        out.reserveCapacity(out.count + extra.count / 3 * 4 + path.count * 45 + end.count + 64)
        Base64.append(extra.span.bytes, to: &out)
        out += Array("\nindex \(header.position.value - 1)\n".utf8)
        for hash in path {
            Base64.append(hash.bytes.span.bytes, to: &out)
            out.append(0x0A)
        }
        out.append(0x0A)
        return out + end
    }

    /// Checks everything: the log's signature, that the leaf is in the tree, that each item is in the record.
    ///
    /// - Returns: the checkpoint that vouches for it.
    @discardableResult
    public func check(by key: NoteKey) throws(EvidenceError) -> TreeCheckpoint {
        let checkpoint = try note.checkpoint(by: key)
        guard
            MerkleTree.verifyInclusion(
                index: header.position.value - 1, size: checkpoint.size, leaf: header.leafHash, proof: path,
                root: checkpoint.root)
        else { throw EvidenceError("the record at \(header.position) is not in the checkpoint's tree") }
        for (number, item) in items.enumerated() where !item.isProved(by: header.commitment) {
            throw EvidenceError("item \(number) disclosed is not in the record")
        }
        return checkpoint
    }

    // MARK: The extra data

    private var extra: [UInt8] {
        var out = ByteWriter(capacity: RecordHeader.byteCount + 64)
        out.u8(1)
        out.raw(header.encoded())
        out.varint(items.count)
        for item in items {
            out.varint(item.leafIndex)
            out.varint(item.leafCount)
            out.raw(item.salt.bytes)
            out.prefixed(item.meta)
            out.prefixed(item.content)
            out.varint(item.path.count)
            for hash in item.path { out.raw(hash.bytes) }
        }
        return out.bytes
    }

    private static func readExtra(
        _ bytes: [UInt8]
    ) throws(EvidenceError) -> (RecordHeader, [ItemDisclosure]) {
        do {
            var reader = ByteReader(bytes)
            guard try reader.u8() == 1 else { throw EvidenceError(line: 2, "extra data of another version") }
            let header = try RecordHeader(parsing: Array(try reader.raw(RecordHeader.byteCount)))
            guard header.position > .start else { throw EvidenceError(line: 2, "the header has no position") }
            let count = try reader.length()
            guard count <= EvidenceLimits.items else {
                throw EvidenceError(line: 2, "more than \(EvidenceLimits.items) items")
            }
            var items: [ItemDisclosure] = []
            for _ in 0..<count { items.append(try readItem(&reader)) }
            try reader.end()
            return (header, items)
        } catch let error as EvidenceError {
            throw error
        } catch { throw EvidenceError(line: 2, "the extra data: \(error)") }
    }

    private static func readItem(_ reader: inout ByteReader) throws -> ItemDisclosure {
        let (index, count) = (try reader.varint(), try reader.varint())
        guard count <= UInt64(BodyLimits.items) * 2, index < count else {
            throw EvidenceError(line: 2, "leaf \(index) of \(count)")
        }
        let salt = Digest(try reader.raw(Digest.byteCount))!
        let (meta, content) = (Array(try reader.prefixed()), Array(try reader.prefixed()))
        let hashes = try reader.length()
        guard hashes <= EvidenceLimits.hashes else { throw EvidenceError(line: 2, "\(hashes) hashes") }
        var path: [Digest] = []
        for _ in 0..<hashes { path.append(Digest(try reader.raw(Digest.byteCount))!) }
        return ItemDisclosure(
            leafIndex: Int(index), leafCount: Int(count), salt: salt, meta: meta, content: content, path: path
        )
    }
}
