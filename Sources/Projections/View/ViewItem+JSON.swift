import CareRecord
import Intake
import Wire

/// Items as JSON. They are most of an answer, and thousands are written a second: into room that is made once for all of them,
/// names and dates straight from the bytes they are kept in.
extension ViewItem {
    /// About the most bytes that they take.
    static func room(of items: [ViewItem]) -> Int {
        var room = 2
        let all = items.span
        for index in all.indices { room += all[index].roomForOwnMembers + 256 }
        return room
    }

    static func append(_ items: [ViewItem], to out: inout [UInt8]) {
        var shared = SharedMembers()
        let all = items.span
        var room = 2 + items.count
        var ofRun = 0
        for index in all.indices {
            // Compared by address: a reference taken for every item is what would cost here.
            if !shared.isOfLast(ObjectIdentifier(all[index].ground), all[index].category) {
                ofRun = shared.add(all[index].ground, all[index].category, at: index)
            }
            room += all[index].roomForOwnMembers + ofRun
        }
        out.append(room: room) { room in
            room.append(UInt8(ascii: "["))
            shared.bytes.withUnsafeBytes { bytes in
                for (number, run) in shared.runs.enumerated() {
                    let end = number + 1 < shared.runs.count ? shared.runs[number + 1].first : items.count
                    let members = UnsafeRawBufferPointer(rebasing: bytes[run.members])
                    // What a run has in common is also what its items lie in.
                    items[run.first].buffers.bytes.withUnsafeBytes { all in
                        for index in run.first..<end {
                            if index > 0 { room.append(UInt8(ascii: ",")) }
                            append(items.span, index, all, members, to: &room)
                        }
                    }
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
        private var lastGround: ObjectIdentifier?
        private var lastCategory: Category?
        /// Of the last ground: what stands before the category, and behind it.
        private var before: [UInt8] = []
        private var behind: [UInt8] = []

        init() {
            bytes.reserveCapacity(2048)
            runs.reserveCapacity(16)
        }

        /// - Returns: bytes that each item of the run takes of it.
        mutating func add(_ ground: ItemGround, _ category: Category, at index: Int) -> Int {
            let start = bytes.count
            var name = category.name
            if lastGround != ObjectIdentifier(ground) {
                (before, behind) = ([], [])
                Self.append(before: ground, to: &before)
                Self.append(behind: ground, to: &behind)
            }
            (lastGround, lastCategory) = (ObjectIdentifier(ground), category)
            bytes.append(contentsOf: before)
            Self.append(&name, to: &bytes)
            bytes.append(contentsOf: behind)
            runs.append(Run(first: index, members: start..<bytes.count))
            return bytes.count - start
        }

        /// Whether the item is of the last run.
        func isOfLast(_ ground: ObjectIdentifier, _ category: Category) -> Bool {
            lastGround == ground && lastCategory == category
        }

        private static func append(_ category: inout String, to bytes: inout [UInt8]) {
            bytes.append(room: 16 + 6 * category.utf8.count) { room in
                room.append(#","category":""#)
                category.withUTF8 { JSONWriter.append(inside: UnsafeRawBufferPointer($0), to: &room) }
            }
        }

        private static func append(before ground: ItemGround, to bytes: inout [UInt8]) {
            var source = ground.source
            if source.isEmpty { return }
            // An escaped byte takes six.
            bytes.append(room: 16 + 6 * source.utf8.count) { room in
                room.append(#","source":""#)
                source.withUTF8 { JSONWriter.append(inside: UnsafeRawBufferPointer($0), to: &room) }
                room.append(UInt8(ascii: "\""))
            }
        }

        private static func append(behind ground: ItemGround, to bytes: inout [UInt8]) {
            var rule = ground.rule
            // A number and its comma take 21.
            bytes.append(room: 32 + 6 * rule.utf8.count + 21 * ground.basis.count) { room in
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

    /// Of a span: an item is not copied to be written.
    ///
    /// - Parameter all: what the item lies in.
    private static func append(
        _ items: Span<ViewItem>, _ index: Int, _ all: UnsafeRawBufferPointer,
        _ shared: UnsafeRawBufferPointer, to room: inout ByteRoom
    ) {
        room.append(#"{"position":"#)
        room.append(decimal: items[index].position.value)
        room.append(#","recorded":""#)
        room.append(items[index].recordedAt)
        room.append(UInt8(ascii: "\""))
        if let effective = items[index].meta.effective {
            room.append(#","effective":""#)
            JSONWriter.append(inside: UnsafeRawBufferPointer(rebasing: all[effective]), to: &room)
            room.append(UInt8(ascii: "\""))
        }
        room.append(shared)
        if items[index].hasOwn, let given = items[index].givenReference {
            append(reference: given, to: &room)
        } else {
            room.append(#","item":""#)
            let (type, id) = (items[index].meta.type, items[index].meta.daybookID)
            JSONWriter.append(inside: UnsafeRawBufferPointer(rebasing: all[type]), to: &room)
            room.append(UInt8(ascii: "/"))
            JSONWriter.append(inside: UnsafeRawBufferPointer(rebasing: all[id]), to: &room)
            room.append(UInt8(ascii: "\""))
        }
        switch items[index].content {
        case .none: break
        case .record:
            room.append(#","resource":"#)
            room.append(UnsafeRawBufferPointer(rebasing: all[items[index].recordContent]))
        case .own:
            room.append(#","resource":"#)
            (items[index].resource ?? []).withUnsafeBytes { room.append($0) }
        }
        if items[index].hasOwn, let previous = items[index].previous {
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

    /// What stands in the place of the item's own name; empty: none.
    private static func append(reference given: String, to room: inout ByteRoom) {
        if given.isEmpty { return }
        var given = given
        room.append(#","item":""#)
        given.withUTF8 { JSONWriter.append(inside: UnsafeRawBufferPointer($0), to: &room) }
        room.append(UInt8(ascii: "\""))
    }
}
