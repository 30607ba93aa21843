import CareRecord
import Intake
import Wire

/// Items as JSON. They are most of an answer, and thousands are written a second: into room that is made once for all of them,
/// names and dates straight from the bytes they are kept in.
extension ViewItem {
    /// About the most bytes that they take.
    static func room(of items: [ViewItem]) -> Int {
        var room = 2
        for index in items.indices { room += items[index].roomForOwnMembers + 256 }
        return room
    }

    static func append(_ items: [ViewItem], to out: inout [UInt8]) {
        var shared = SharedMembers()
        var room = 2 + items.count
        for index in items.indices {
            room += items[index].roomForOwnMembers
            room += shared.add(items[index].ground, items[index].category, at: index)
        }
        out.append(room: room) { room in
            room.append(UInt8(ascii: "["))
            shared.bytes.withUnsafeBytes { bytes in
                var run = 0
                for index in items.indices {
                    if index > 0 { room.append(UInt8(ascii: ",")) }
                    if run + 1 < shared.runs.count, shared.runs[run + 1].first == index { run += 1 }
                    let own = UnsafeRawBufferPointer(rebasing: bytes[shared.runs[run].members])
                    append(items[index], own, to: &room)
                }
            }
            room.append(UInt8(ascii: "]"))
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

        init() {
            bytes.reserveCapacity(2048)
            runs.reserveCapacity(16)
        }

        /// - Returns: bytes that the item takes of it.
        mutating func add(_ ground: ItemGround, _ category: Category, at index: Int) -> Int {
            if let last, last.ground === ground, last.category == category {
                return runs[runs.count - 1].members.count
            }
            last = (ground, category)
            let start = bytes.count
            var (source, rule, name) = (ground.source, ground.rule, category.name)
            // An escaped byte takes six, a number and its comma 21.
            let most =
                64 + 6 * (source.utf8.count + rule.utf8.count + name.utf8.count) + 21 * ground.basis.count
            bytes.append(room: most) { room in
                if !source.isEmpty {
                    room.append(#","source":""#)
                    source.withUTF8 { JSONWriter.append(inside: UnsafeRawBufferPointer($0), to: &room) }
                    room.append(UInt8(ascii: "\""))
                }
                room.append(#","category":""#)
                name.withUTF8 { JSONWriter.append(inside: UnsafeRawBufferPointer($0), to: &room) }
                room.append(#"","rule":""#)
                rule.withUTF8 { JSONWriter.append(inside: UnsafeRawBufferPointer($0), to: &room) }
                room.append(#"","basis":["#)
                var isFirst = true
                for position in ground.basis {
                    if !isFirst { room.append(UInt8(ascii: ",")) }
                    isFirst = false
                    room.append(decimal: position.value)
                }
                room.append(UInt8(ascii: "]"))
            }
            runs.append(Run(first: index, members: start..<bytes.count))
            return bytes.count - start
        }
    }

    /// The most bytes that what is not shared takes.
    private var roomForOwnMembers: Int {
        // Names of members, two numbers, two instants; an escaped byte takes six.
        let names = 192 + 2 * Instant.rfc3339Length
        let own = resourceBytes + 6 * shownBytes + names
        if !hasOwn { return own }
        return own + 6 * (givenReference.map(\.utf8.count) ?? 0) + (previous?.resource.count ?? 0)
    }

    /// Borrowed: an item is not copied to be written.
    private static func append(
        _ item: borrowing ViewItem, _ shared: UnsafeRawBufferPointer, to room: inout ByteRoom
    ) {
        room.append(#"{"position":"#)
        room.append(decimal: item.position.value)
        room.append(#","recorded":""#)
        room.append(item.recordedAt)
        room.append(UInt8(ascii: "\""))
        item.withParts { type, id, effective, resource in
            if let effective {
                room.append(#","effective":""#)
                JSONWriter.append(inside: effective, to: &room)
                room.append(UInt8(ascii: "\""))
            }
            room.append(shared)
            appendReference(item.hasOwn ? item.givenReference : nil, type, id, to: &room)
            guard let resource else { return }
            room.append(#","resource":"#)
            room.append(resource)
        }
        if item.hasOwn, let previous = item.previous {
            // As the item's last member.
            room.append(#","previous":{"position":"#)
            room.append(decimal: previous.position.value)
            room.append(#","recorded":""#)
            room.append(previous.recordedAt)
            room.append(#"","resource":"#)
            previous.resource.withUnsafeBytes { room.append($0) }
            room.append(UInt8(ascii: "}"))
        }
        room.append(UInt8(ascii: "}"))
    }

    private static func appendReference(
        _ given: String?, _ type: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer,
        to room: inout ByteRoom
    ) {
        if given == "" { return }
        room.append(#","item":""#)
        if var given {
            given.withUTF8 { JSONWriter.append(inside: UnsafeRawBufferPointer($0), to: &room) }
        } else {
            JSONWriter.append(inside: type, to: &room)
            room.append(UInt8(ascii: "/"))
            JSONWriter.append(inside: id, to: &room)
        }
        room.append(UInt8(ascii: "\""))
    }
}
