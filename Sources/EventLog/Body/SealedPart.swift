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

    /// Packs a payload to the front of `room`, which is made larger where it must be.
    ///
    /// - Returns: the bytes packed.
    static func pack(_ payload: [UInt8], into room: inout [UInt8]) throws(LogError) -> Int {
        let dictionary =
            payload.count <= dictionaryBytes ? FormatDictionary.version(FormatDictionary.current) : nil
        let head = dictionary == nil ? 1 : 2
        let most = head + Zstd.bound(payload.count)
        if room.count < most { room = [UInt8](repeating: 0, count: most) }
        let result = room.withUnsafeMutableBytes { out in
            Result { () throws(ZstdError) in
                try Zstd.compress(
                    payload.span.bytes, level: level, dictionary: dictionary,
                    into: UnsafeMutableRawBufferPointer(rebasing: out[head...]))
            }
        }
        switch result {
        case .failure(let error): throw .stopped(reason: "compression failed: \(error)")
        case .success(let frame) where head + frame <= payload.count:
            room[0] = dictionary == nil ? Method.zstd : Method.dictionary
            if dictionary != nil { room[1] = FormatDictionary.current }
            return head + frame
        case .success:
            room[0] = Method.stored
            room.replaceSubrange(1..<1 + payload.count, with: payload)
            return 1 + payload.count
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
        var out = contextStart
        setContext(&out, recordClass, part, slot)
        return out
    }

    /// What `context` gives, in bytes that begin as `contextStart`.
    static func setContext(
        _ bytes: inout [UInt8], _ recordClass: RecordClass, _ part: RecordPart, _ slot: KeySlot
    ) {
        let at = bytes.count - 10
        bytes[at] = recordClass.rawValue
        bytes[at + 1] = part.rawValue
        for i in 0..<8 { bytes[at + 2 + i] = UInt8(truncatingIfNeeded: slot.value >> UInt64(56 - 8 * i)) }
    }

    static let contextStart = Array("daybook.part.1".utf8) + [UInt8](repeating: 0, count: 10)
}

/// What is wrong with a sealed part; the caller knows which record it belongs to.
struct PartError: Error {
    var what: String
}
