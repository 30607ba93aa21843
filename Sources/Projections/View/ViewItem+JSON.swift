import CareRecord
import Intake
import Wire

/// Items as JSON. They are most of an answer, and thousands are written a second: into room that is made once for all of them,
/// names and dates straight from the bytes they are kept in.
extension ViewItem {
    /// About the most bytes that they take.
    static func room(of items: [ViewItem]) -> Int {
        items.indices.reduce(2) { $0 + items[$1].roomForOwnMembers + 256 }
    }

    static func append(_ items: [ViewItem], to out: inout [UInt8]) {
        var shared = SharedMembers()
        var room = 2 + items.count
        for index in items.indices {
            room += items[index].roomForOwnMembers
            room += shared.add(items[index].ground, items[index].category, at: index)
        }
        out.append(addingCapacity: room) { (out: inout OutputSpan<UInt8>) in
            out.append(UInt8(ascii: "["))
            shared.bytes.withUnsafeBytes { bytes in
                // Borrowed: an item is not copied to be written.
                let items = items.span
                var run = 0
                for index in items.indices {
                    if index > 0 { out.append(UInt8(ascii: ",")) }
                    if run + 1 < shared.runs.count, shared.runs[run + 1].first == index { run += 1 }
                    let own = UnsafeRawBufferPointer(rebasing: bytes[shared.runs[run].members])
                    items[index].append(to: &out, own)
                }
            }
            out.append(UInt8(ascii: "]"))
        }
    }

    /// What runs of neighbouring items have in common, as bytes.
    private struct SharedMembers {
        struct Run {
            /// The run's first item.
            var first: Int
            /// Its members in `bytes`: a comma before each.
            var members: Range<Int>
        }

        private(set) var runs: [Run] = []
        private(set) var bytes: [UInt8] = []
        private var last: (ground: ItemGround, category: Category)?

        init() { bytes.reserveCapacity(2048) }

        /// - Returns: bytes that the item takes of it.
        mutating func add(_ ground: ItemGround, _ category: Category, at index: Int) -> Int {
            if let last, last.ground === ground, last.category == category {
                return runs[runs.count - 1].members.count
            }
            last = (ground, category)
            let start = bytes.count
            if !ground.source.isEmpty {
                bytes.append(contentsOf: #","source":"#.utf8)
                JSONWriter.appendQuoted(ground.source.utf8, to: &bytes)
            }
            bytes.append(contentsOf: #","category":"#.utf8)
            JSONWriter.appendQuoted(category.name.utf8, to: &bytes)
            bytes.append(contentsOf: #","rule":"#.utf8)
            JSONWriter.appendQuoted(ground.rule.utf8, to: &bytes)
            bytes.append(contentsOf: #","basis":["#.utf8)
            for (place, position) in ground.basis.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.append(contentsOf: String(position.value).utf8)
            }
            bytes.append(UInt8(ascii: "]"))
            runs.append(Run(first: index, members: start..<bytes.count))
            return bytes.count - start
        }
    }

    /// The most bytes that what is not shared takes.
    private var roomForOwnMembers: Int {
        // Names of members, two numbers, two instants; an escaped byte takes six.
        let names = 192 + 2 * Instant.rfc3339Length
        let text = givenReference.map(\.utf8.count) ?? 0
        return names + 6 * (shownBytes + text) + resourceBytes + (previous?.resource.count ?? 0)
    }

    private func append(to out: inout OutputSpan<UInt8>, _ shared: UnsafeRawBufferPointer) {
        out.append(#"{"position":"#)
        out.append(decimal: position.value)
        out.append(#","recorded":""#)
        recordedAt.appendRFC3339(to: &out)
        out.append(UInt8(ascii: "\""))
        withParts { type, id, effective, resource in
            if let effective {
                out.append(#","effective":""#)
                out.append(escaped: effective)
                out.append(UInt8(ascii: "\""))
            }
            out.append(bytes: shared)
            appendReference(type, id, to: &out)
            guard let resource else { return }
            out.append(#","resource":"#)
            out.append(bytes: resource)
        }
        if let previous {
            // As the item's last member.
            out.append(#","previous":{"position":"#)
            out.append(decimal: previous.position.value)
            out.append(#","recorded":""#)
            previous.recordedAt.appendRFC3339(to: &out)
            out.append(#"","resource":"#)
            previous.resource.withUnsafeBytes { out.append(bytes: $0) }
            out.append(UInt8(ascii: "}"))
        }
        out.append(UInt8(ascii: "}"))
    }

    private func appendReference(
        _ type: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer, to out: inout OutputSpan<UInt8>
    ) {
        let given = givenReference
        if given == "" { return }
        out.append(#","item":""#)
        if var given {
            given.withUTF8 { out.append(escaped: UnsafeRawBufferPointer($0)) }
        } else {
            out.append(escaped: type)
            out.append(UInt8(ascii: "/"))
            out.append(escaped: id)
        }
        out.append(UInt8(ascii: "\""))
    }
}

extension OutputSpan<UInt8> {
    /// Traps where there is no room: what is read lies outside the room, and is not moved.
    fileprivate mutating func append(bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= freeCapacity, "no room")
        withUnsafeMutableBufferPointer { room, filled in
            UnsafeMutableRawBufferPointer(room)[filled...].copyBytes(from: bytes)
            filled += bytes.count
        }
    }

    fileprivate mutating func append(_ text: StaticString) {
        append(bytes: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    fileprivate mutating func append(decimal value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(truncatingIfNeeded: 0x30 + value / divisor % 10))
            divisor /= 10
        }
    }

    /// As a JSON string has it; one copy where there is nothing to escape, as in nearly every id and date.
    fileprivate mutating func append(escaped text: UnsafeRawBufferPointer) {
        for byte in text where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            var quoted: [UInt8] = []
            JSONWriter.appendQuoted(text, to: &quoted)
            quoted.withUnsafeBytes {
                append(bytes: UnsafeRawBufferPointer(rebasing: $0[1..<quoted.count - 1]))
            }
            return
        }
        append(bytes: text)
    }
}
