/// Room for bytes whose most was worked out beforehand, written from front to back: answers are made of many short pieces, and none of
/// them asks an array whether it is shared or full.
///
/// Valid only inside the call that hands it out. Writing past its end traps.
public struct ByteRoom: ~Copyable {
    @usableFromInline var at: UnsafeMutableRawPointer
    @usableFromInline let end: UnsafeMutableRawPointer

    @inlinable @inline(__always)
    init(_ start: UnsafeMutableRawPointer, _ count: Int) { (at, end) = (start, start + count) }

    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        precondition(at < end, "no room")
        at.storeBytes(of: byte, as: UInt8.self)
        at += 1
    }

    @inlinable @inline(__always)
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        precondition(bytes.count <= end - at, "no room")
        at.copyMemory(from: start, byteCount: bytes.count)
        at += bytes.count
    }

    /// Appends the bytes unless some of them are marked: looked at and copied eight at a time.
    ///
    /// - Parameter marks: of eight bytes, in whatever order, not zero where one is marked. Those of a shorter text come with spaces.
    /// - Returns: whether they were appended; where not, nothing was.
    @inlinable @inline(__always)
    public mutating func append(
        _ bytes: UnsafeRawBufferPointer, ifUnmarked marks: (UInt64) -> UInt64
    ) -> Bool {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return true }
        let count = bytes.count
        precondition(count <= end - at, "no room")
        guard count >= 8 else {
            var word: UInt64 = 0x2020_2020_2020_2020
            for k in 0..<count { word = word << 8 | UInt64(start.load(fromByteOffset: k, as: UInt8.self)) }
            if marks(word) != 0 { return false }
            at.copyMemory(from: start, byteCount: count)
            at += count
            return true
        }
        // The last word may look at bytes twice.
        let last = count &- 8
        let tail = start.loadUnaligned(fromByteOffset: last, as: UInt64.self)
        var found = marks(tail)
        var i = 0
        while i < last {
            let word = start.loadUnaligned(fromByteOffset: i, as: UInt64.self)
            found |= marks(word)
            at.storeBytes(of: word, toByteOffset: i, as: UInt64.self)
            i &+= 8
        }
        at.storeBytes(of: tail, toByteOffset: last, as: UInt64.self)
        if found != 0 { return false }
        at += count
        return true
    }

    @inlinable @inline(__always)
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    public mutating func append(decimal value: UInt64) {
        var digits = 1
        var limit: UInt64 = 10
        // The last limit is more than any number: it is not asked for.
        while digits < 20, value >= limit {
            digits &+= 1
            limit &*= 10
        }
        precondition(digits <= end - at, "no room")
        var rest = value
        var place = digits
        while rest >= 10 {
            let next = rest / 100
            let pair = UInt32(truncatingIfNeeded: rest &- next &* 100)
            let tens = (pair &* 103) >> 10
            let written = (0x30 &+ tens) | (0x30 &+ pair &- tens &* 10) << 8
            place &-= 2
            at.storeBytes(
                of: UInt16(truncatingIfNeeded: written).littleEndian, toByteOffset: place, as: UInt16.self)
            rest = next
        }
        if place > 0 { at.storeBytes(of: UInt8(truncatingIfNeeded: 0x30 &+ rest), as: UInt8.self) }
        at += digits
    }

    /// As `Instant.rfc3339` has it.
    public mutating func append(_ instant: Instant) {
        precondition(Instant.rfc3339Length <= end - at, "no room")
        at += instant.writeRFC3339(to: at)
    }
}

extension [UInt8] {
    /// Appends what `body` writes.
    ///
    /// - Parameter count: the most bytes that it writes.
    @inlinable
    public mutating func append(room count: Int, _ body: (inout ByteRoom) -> Void) {
        append(addingCapacity: count) { (out: inout OutputSpan<UInt8>) in
            out.withUnsafeMutableBufferPointer { buffer, filled in
                guard let start = buffer.baseAddress else { return }
                let first = UnsafeMutableRawPointer(start + filled)
                var room = ByteRoom(first, count)
                body(&room)
                filled += room.at - first
            }
        }
    }
}
