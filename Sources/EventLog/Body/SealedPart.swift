import Ciphers
import Wire
import Zstd

/// How a part's payload is packed before it is sealed, and what the seal authenticates.
///
/// Plaintext: u8 method ‖ payload, where method 0 is stored, 1 is zstd, and 2 is zstd with the dictionary
/// whose version is the next byte. Authenticated: `daybook.part.1` ‖ u8 class ‖ u8 part ‖ u64 slot.
enum SealedPart {
    enum Method {
        static let stored: UInt8 = 0
        static let zstd: UInt8 = 1
        static let dictionary: UInt8 = 2
    }

    /// Payloads up to this take the dictionary: past it they hold repetitions enough of their own.
    static let dictionaryBytes = 128 << 10
    /// The level without a dictionary: the fast end, since it is on the way of every large message.
    static let level: Int32 = 1

    static func pack(_ payload: [UInt8]) throws(LogError) -> [UInt8] {
        do throws(ZstdError) {
            let packed: [UInt8]
            if payload.count <= dictionaryBytes,
                let dictionary = FormatDictionary.version(FormatDictionary.current)
            {
                packed = try Zstd.compress(
                    payload.span.bytes, dictionary: dictionary,
                    header: [Method.dictionary, FormatDictionary.current])
            } else {
                packed = try Zstd.compress(payload.span.bytes, level: level, header: [Method.zstd])
            }
            return packed.count <= payload.count ? packed : [Method.stored] + payload
        } catch {
            throw .stopped(reason: "compression failed: \(error)")
        }
    }

    /// - Throws: `PartError` where the bytes are not what `pack` gives.
    static func unpack(_ plaintext: [UInt8]) throws(PartError) -> ArraySlice<UInt8> {
        do throws(ZstdError) {
            switch plaintext.first {
            case Method.stored: return plaintext.dropFirst()
            case Method.zstd:
                return try Zstd.decompress(plaintext.dropFirst(), limit: BodyLimits.payloadBytes)[...]
            case Method.dictionary:
                guard plaintext.count > 1, let dictionary = FormatDictionary.version(plaintext[1]) else {
                    throw ZstdError.damaged("an unknown dictionary")
                }
                return try Zstd.decompress(
                    plaintext.dropFirst(2), dictionary: dictionary, limit: BodyLimits.payloadBytes)[...]
            default: throw ZstdError.damaged("an unknown packing")
            }
        } catch {
            throw PartError(what: "does not unpack: \(error)")
        }
    }

    static func context(_ recordClass: RecordClass, _ part: RecordPart, _ slot: KeySlot) -> [UInt8] {
        var out = ByteWriter(capacity: 24)
        out.raw("daybook.part.1".utf8)
        out.u8(recordClass.rawValue)
        out.u8(part.rawValue)
        out.u64(slot.value)
        return out.bytes
    }
}

/// What is wrong with a sealed part; the caller knows which record it belongs to.
struct PartError: Error {
    var what: String
}
