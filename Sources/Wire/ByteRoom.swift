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

    @inlinable @inline(__always)
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    public mutating func append(decimal value: UInt64) {
        var digits = 1
        var limit: UInt64 = 10
        while digits < 20, value >= limit {
            digits += 1
            let (next, isOver) = limit.multipliedReportingOverflow(by: 10)
            if isOver { break }
            limit = next
        }
        precondition(digits <= end - at, "no room")
        var rest = value
        for place in stride(from: digits - 1, through: 0, by: -1) {
            at.storeBytes(
                of: UInt8(truncatingIfNeeded: 0x30 + rest % 10), toByteOffset: place, as: UInt8.self)
            rest /= 10
        }
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
