import Ciphers
import EventLog
import Wire
import Zstd

/// Zips and seals rows, and opens them.
///
/// A row is a `RowHeader`, then AES-256-GCM over: varint frame count ‖ for each frame varint first position less the row's ‖
/// u8 method (0 stored, 1 zstd, 2 zstd with dictionary version 1) ‖ varint bytes unzipped ‖ varint bytes zipped ‖ the zipped frames. What is
/// authenticated with it: "daybook.row.2" ‖ the row's key ‖ the header, so that no row can stand in for another.
enum RowCodec {
    private static let context = Array("daybook.row.2".utf8)
    /// Bytes of a record's state that a read unzips, at most.
    static let maximumBytes = 1 << 30

    enum Method {
        static let stored: UInt8 = 0
        static let zstd: UInt8 = 1
        static let dictionary1: UInt8 = 2
    }

    /// Frames longer than this are zipped without the dictionary: they have their own history to refer to.
    static let dictionaryBytes = 256 << 10

    private static let dictionary1 = FormatDictionary.version(1)

    /// The same, for frames that are zipped to be unzipped fast.
    private static let fastDictionary1 = FormatDictionary.version(1).flatMap {
        try? ZstdDictionary($0.bytes, level: Zstd.fastToReadLevel)
    }
    /// Of those, frames longer than this do without it: a read gains more than they lose.
    static let fastDictionaryBytes = 16 << 10

    // MARK: Writing

    static func seal(_ row: FoldedRow, at key: RecordRowKey, with secret: SecretKey) throws(ProjectionError)
        -> [UInt8]
    {
        let packed = try plaintext(row)
        var out = ByteWriter(capacity: packed.count + 48)
        row.header.encode(into: &out)
        let sealed: [UInt8]
        do throws(CipherError) {
            sealed = try AESGCM.seal(packed, key: secret, authenticating: data(key, out.bytes))
        } catch { throw .cipher(error) }
        out.raw(sealed)
        return out.bytes
    }

    private static func data(_ key: RecordRowKey, _ header: some Collection<UInt8>) -> [UInt8] {
        var out = ByteWriter(capacity: context.count + RecordRowKey.byteCount + header.count)
        out.raw(context)
        out.u64(key.token.high)
        out.u64(key.token.low)
        out.u64(key.first)
        out.raw(header)
        return out.bytes
    }

    static func plaintext(_ row: FoldedRow) throws(ProjectionError) -> [UInt8] {
        var out = ByteWriter()
        var packed: [PackedFrame] = []
        out.varint(row.frames.count)
        for frame in row.frames {
            let zipped: PackedFrame
            if let packed = frame.packed { zipped = packed } else { zipped = try pack(frame) }
            out.varint(frame.first - row.first)
            out.u8(zipped.method)
            out.varint(frame.bytes.count)
            out.varint(zipped.bytes.count)
            packed.append(zipped)
        }
        for frame in packed { out.raw(frame.bytes) }
        return out.bytes
    }

    private static func pack(_ frame: FoldedFrame) throws(ProjectionError) -> PackedFrame {
        let bytes = frame.bytes
        let isFast = frame.zipping == .fastToRead
        let usesDictionary = bytes.count <= (isFast ? fastDictionaryBytes : dictionaryBytes)
        do throws(ZstdError) {
            let zipped = try Zstd.compress(
                bytes, level: isFast ? Zstd.fastToReadLevel : Zstd.fastestLevel,
                dictionary: usesDictionary ? (isFast ? fastDictionary1 : dictionary1) : nil)
            if zipped.count >= bytes.count { return PackedFrame(method: Method.stored, bytes: bytes) }
            return PackedFrame(method: usesDictionary ? Method.dictionary1 : Method.zstd, bytes: zipped)
        } catch { throw .zstd(error) }
    }

    // MARK: Reading

    /// Opens a row without unzipping it.
    static func open(
        _ row: UnsafeRawBufferPointer, at key: RecordRowKey, with secret: SecretKey, header: RowHeader,
        sealedAt: Int
    ) throws(ProjectionError) -> OpenedRow {
        let bytes = RawSpan(_unsafeBytes: row)
        let plain: [UInt8]
        do throws(CipherError) {
            plain = try AESGCM.open(
                bytes.extracting(sealedAt..<row.count), key: secret,
                authenticating: data(key, row[..<sealedAt]).span.bytes)
        } catch {
            throw .damaged(what: "a row of \(key.token) does not open: \(error)")
        }
        do throws(WireError) {
            return try OpenedRow(plain, first: key.first, header: header)
        } catch { throw .damaged(what: "a row of \(key.token): \(error)") }
    }

    /// Unzips one frame of an opened row behind what `out` holds.
    static func unpack(
        _ frame: OpenedRow.Frame, of row: OpenedRow, into out: inout OutputSpan<UInt8>
    ) throws(ProjectionError) {
        let bytes = row.plaintext.span.bytes.extracting(frame.bytes)
        do throws(ZstdError) {
            switch frame.method {
            case Method.zstd: try Zstd.decompress(bytes, appendingTo: &out)
            case Method.dictionary1:
                try Zstd.decompress(bytes, dictionary: dictionary1, appendingTo: &out)
            default:
                for i in frame.bytes { out.append(row.plaintext[i]) }
            }
        } catch { throw .zstd(error) }
    }

    static func unpack(_ frame: OpenedRow.Frame, of row: OpenedRow) throws(ProjectionError) -> [UInt8] {
        try [UInt8](capacity: frame.count) { (out: inout OutputSpan<UInt8>) throws(ProjectionError) in
            try unpack(frame, of: row, into: &out)
        }
    }
}
