import Intake

/// What a result says, as members of its resource: exactly the source's bytes, taken out or left out whole.
struct ResultValue {
    /// What a member of a result is, by its name.
    private enum Part {
        /// The value itself, or what tells it.
        case value
        /// The type or the status: what a value is told with.
        case frame
        /// Narrative and contained resources: may tell the value.
        case telling
        case other
    }

    private struct Kept {
        var isValue: Bool
        /// Why there is no value.
        var isAbsence: Bool
        /// Name, colon and value, as offsets of `bytes`.
        var whole: Range<Int>
    }

    private let bytes: ArraySlice<UInt8>
    /// Value and frame, in the order sent.
    private var kept: [Kept] = []

    /// Finds in a resource what it says.
    ///
    /// - Throws: `damaged` where the bytes are not JSON, which no held resource is.
    init(_ resource: ArraySlice<UInt8>) throws(ProjectionError) {
        if Self.keep(resource, in: &kept, isParsed: false) {
            bytes = resource
            return
        }
        // Names written with escapes: what is kept once more, named by what those say.
        kept = []
        bytes = try Self.parsed(resource) { part, _ in part == .value || part == .frame }
        guard Self.keep(bytes, in: &kept, isParsed: true) else {
            throw .damaged(what: "a resource without members")
        }
    }

    private static func keep(_ resource: ArraySlice<UInt8>, in kept: inout [Kept], isParsed: Bool) -> Bool {
        resource.withUnsafeBytes { bytes in
            guard let members = ResourceMembers(bytes) else { return false }
            kept.reserveCapacity(6)
            for member in members.all {
                if member.isEscaped, !isParsed { return false }
                let part = part(UnsafeRawBufferPointer(rebasing: bytes[member.name]))
                guard part == .value || part == .frame else { continue }
                // With the quote before the name.
                let start = resource.startIndex + member.name.lowerBound - 1
                let name = UnsafeRawBufferPointer(rebasing: bytes[member.name])
                kept.append(
                    Kept(
                        isValue: part == .value, isAbsence: isName(name, "dataAbsentReason"),
                        whole: start..<resource.startIndex + member.value.upperBound))
            }
            return true
        }
    }

    /// Type, status and value alone: what a corrected result said before. Of one that was cancelled without the value, which it never shows.
    func alone(isCancelled: Bool) -> ArraySlice<UInt8> {
        joined { !isCancelled || !$0.isValue || $0.isAbsence }
    }

    /// What it says, and no more.
    private var value: ArraySlice<UInt8> { joined(where: \.isValue) }

    private func joined(where isWanted: (Kept) -> Bool) -> ArraySlice<UInt8> {
        var out: [UInt8] = []
        out.reserveCapacity(kept.reduce(2) { $0 + $1.whole.count + 1 })
        out.append(ResourceMembers.openBrace)
        for member in kept where isWanted(member) {
            if out.count > 1 { out.append(ResourceMembers.comma) }
            out.append(contentsOf: bytes[member.whole])
        }
        out.append(ResourceMembers.closeBrace)
        return out[...]
    }

    /// Whether two results say the same, whatever their status and however each is written: a sender may escape a slash, or not.
    func saysSame(as other: ResultValue) throws(ProjectionError) -> Bool {
        if isWritten(as: other) { return true }
        if let a = tally, let b = other.tally, a != b { return false }
        do throws(JSONError) {
            return try JSONDocument(Array(value)).isEquivalent(to: JSONDocument(Array(other.value)))
        } catch { throw .damaged(what: "a resource: \(error)") }
    }

    private func isWritten(as other: ResultValue) -> Bool {
        var index = 0
        for member in kept where member.isValue {
            while index < other.kept.count, !other.kept[index].isValue { index += 1 }
            guard index < other.kept.count, bytes[member.whole] == other.bytes[other.kept[index].whole] else {
                return false
            }
            index += 1
        }
        while index < other.kept.count, !other.kept[index].isValue { index += 1 }
        return index == other.kept.count
    }

    /// What its value is made of; nil where something is escaped: what it says is not what its bytes are.
    private var tally: Tally? {
        var tally = Tally()
        for member in kept where member.isValue {
            tally.members += 1
            guard tally.add(bytes[member.whole]) else { return nil }
        }
        return tally
    }

    /// How many bytes that are not white space, and their sum. Where nothing is escaped, values that say the same are made of the same
    /// bytes, whatever the order of their members: most that differ are told apart by this.
    private struct Tally: Equatable {
        var members = 0
        var count = 0
        var sum: UInt64 = 0

        /// - Returns: false where something is escaped.
        mutating func add(_ bytes: ArraySlice<UInt8>) -> Bool {
            bytes.withUnsafeBytes { bytes in
                var i = 0
                while i < bytes.count {
                    if i + 8 <= bytes.count {
                        let word = bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)
                        let isPlain =
                            ResourceMembers.holds(word, ResourceMembers.backslash) == 0
                            && (word &- 0x2121_2121_2121_2121) & ~word & 0x8080_8080_8080_8080 == 0
                        if isPlain {
                            count += 8
                            let pairs =
                                (word & 0x00FF_00FF_00FF_00FF) &+ (word >> 8 & 0x00FF_00FF_00FF_00FF)
                            sum += (pairs &* 0x0001_0001_0001_0001) >> 48
                            i += 8
                            continue
                        }
                    }
                    if bytes[i] == ResourceMembers.backslash { return false }
                    if bytes[i] > 0x20 {
                        count += 1
                        sum += UInt64(bytes[i])
                    }
                    i += 1
                }
                return true
            }
        }
    }

    private static let values: [StaticString] = [
        "component", "interpretation", "referenceRange", "dataAbsentReason", "conclusion", "conclusionCode",
        "presentedForm", "_conclusion",
    ]

    private static func part(_ name: UnsafeRawBufferPointer) -> Part {
        // value[x], and what stands beside a primitive one.
        if starts(name, with: "value") || starts(name, with: "_value") { return .value }
        for known in values where name.count == known.utf8CodeUnitCount && starts(name, with: known) {
            return .value
        }
        if isName(name, "resourceType") || isName(name, "status") { return .frame }
        return isName(name, "text") || isName(name, "contained") ? .telling : .other
    }

    private static func isName(_ name: UnsafeRawBufferPointer, _ known: StaticString) -> Bool {
        name.count == known.utf8CodeUnitCount && starts(name, with: known)
    }

    private static func starts(_ name: UnsafeRawBufferPointer, with known: StaticString) -> Bool {
        let count = known.utf8CodeUnitCount
        guard name.count >= count else { return false }
        for i in 0..<count where name[i] != known.utf8Start[i] { return false }
        return true
    }

    /// The resource without its value: what a cancelled result shows. Its narrative goes too, since it tells the value.
    ///
    /// - Throws: `damaged` where the bytes are not JSON, which no held resource is.
    static func removed(from resource: ArraySlice<UInt8>) throws(ProjectionError) -> ArraySlice<UInt8> {
        var hadContained = false
        let left = try filtered(resource) { part, name in
            if isName(name, "contained") { hadContained = true }
            return part == .frame || part == .other || part == .value && isName(name, "dataAbsentReason")
        }
        return hadContained ? try ContainedReferences.removed(from: left) : left
    }

    private static func filtered(
        _ resource: ArraySlice<UInt8>, keeping isKept: (Part, UnsafeRawBufferPointer) -> Bool
    ) throws(ProjectionError) -> ArraySlice<UInt8> {
        let quick = resource.withUnsafeBytes { bytes -> [UInt8]? in
            guard let members = ResourceMembers(bytes), !members.all.contains(where: \.isEscaped) else {
                return nil
            }
            return [UInt8](unsafeUninitializedCapacity: bytes.count) { out, filled in
                out[0] = ResourceMembers.openBrace
                filled = 1
                for member in members.all {
                    let name = UnsafeRawBufferPointer(rebasing: bytes[member.name])
                    guard isKept(part(name), name) else { continue }
                    if filled > 1 {
                        out[filled] = ResourceMembers.comma
                        filled += 1
                    }
                    // With the quote before the name, and never longer than the resource.
                    let whole = member.name.lowerBound - 1..<member.value.upperBound
                    UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(out)[filled...])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[whole]))
                    filled += whole.count
                }
                out[filled] = ResourceMembers.closeBrace
                filled += 1
            }
        }
        if let quick { return quick[...] }
        return try parsed(resource, keeping: isKept)
    }

    /// The same for a resource with names that are written with escapes.
    private static func parsed(
        _ resource: ArraySlice<UInt8>, keeping isKept: (Part, UnsafeRawBufferPointer) -> Bool
    ) throws(ProjectionError) -> ArraySlice<UInt8> {
        let root: JSONCursor
        do throws(JSONError) { root = try JSONDocument(Array(resource)).root } catch {
            throw .damaged(what: "a resource: \(error)")
        }
        var w = JSONWriter(capacity: resource.count)
        w.object { w in
            for (name, value) in root.members {
                let bytes = Array(name.utf8)
                if bytes.withUnsafeBytes({ isKept(part($0), $0) }) { w.member(name, raw: value.raw) }
            }
        }
        return w.finish()[...]
    }
}
