import Ciphers
import EventLog
import LZ4
import Wire
import Zstd

/// Zips and seals rows, and opens them.
///
/// A row is a `RowHeader`, then AES-256-GCM over: varint frame count ‖ for each frame varint first position less the row's ‖
/// u8 method (0 stored, 1 zstd, 2 zstd with dictionary version 1, 3 an LZ4 block) ‖ varint bytes unzipped ‖ varint bytes zipped ‖ the zipped frames. What is
/// authenticated with it: "daybook.row.3" ‖ the row's key ‖ the header, so that no row can stand in for another.
enum RowCodec {
    private static let context = Array("daybook.row.3".utf8)
    /// Bytes of a record's state that a read unzips, at most.
    static let maximumBytes = 1 << 30

    enum Method {
        static let stored: UInt8 = 0
        static let zstd: UInt8 = 1
        static let dictionary1: UInt8 = 2
        static let lz4: UInt8 = 3
    }

    /// Frames longer than this are zipped without the dictionary: they have their own history to refer to.
    static let dictionaryBytes = 256 << 10

    private static let dictionary1 = FormatDictionary.version(1)

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
        let packed: PackedFrame
        switch frame.zipping {
        case .fastToRead:
            do throws(LZ4Error) {
                packed = PackedFrame(method: Method.lz4, bytes: try LZ4.compress(bytes))
            } catch { throw .lz4(error) }
        case .small:
            let isSmall = bytes.count <= dictionaryBytes
            do throws(ZstdError) {
                packed = PackedFrame(
                    method: isSmall ? Method.dictionary1 : Method.zstd,
                    bytes: try Zstd.compress(
                        bytes, level: Zstd.fastestLevel, dictionary: isSmall ? dictionary1 : nil))
            } catch { throw .zstd(error) }
        }
        if packed.bytes.count < bytes.count { return packed }
        return PackedFrame(method: Method.stored, bytes: bytes)
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
        switch frame.method {
        case Method.stored: for i in frame.bytes { out.append(row.plaintext[i]) }
        case Method.lz4:
            do throws(LZ4Error) {
                try LZ4.decompress(bytes, count: frame.count, appendingTo: &out)
            } catch { throw .lz4(error) }
        default:
            do throws(ZstdError) {
                try Zstd.decompress(
                    bytes, dictionary: frame.method == Method.dictionary1 ? dictionary1 : nil,
                    appendingTo: &out)
            } catch { throw .zstd(error) }
        }
    }

    static func unpack(_ frame: OpenedRow.Frame, of row: OpenedRow) throws(ProjectionError) -> [UInt8] {
        try [UInt8](capacity: frame.count) { (out: inout OutputSpan<UInt8>) throws(ProjectionError) in
            try unpack(frame, of: row, into: &out)
        }
    }
}
