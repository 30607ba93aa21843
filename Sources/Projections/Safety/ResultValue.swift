import Intake

/// What a result says, as members of its resource: exactly the source's bytes, taken out or left out whole.
enum ResultValue {
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

    /// Type, status and value alone: what a corrected result said before.
    static func alone(of resource: ArraySlice<UInt8>) throws(ProjectionError) -> ArraySlice<UInt8> {
        try filtered(resource) { part, _ in part == .value || part == .frame }
    }

    /// Whether two results say the same, whatever their status and however each is written: a sender may escape a slash, or not.
    static func isSame(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) throws(ProjectionError) -> Bool {
        try isSame(value: value(of: a), value(of: b))
    }

    /// What a result says, and no more.
    static func value(of resource: ArraySlice<UInt8>) throws(ProjectionError) -> ArraySlice<UInt8> {
        try filtered(resource) { part, _ in part == .value }
    }

    static func isSame(
        value left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>
    ) throws(ProjectionError) -> Bool {
        if left == right { return true }
        if let a = Tally(left), let b = Tally(right), a != b { return false }
        do throws(JSONError) {
            return try JSONDocument(Array(left)).isEquivalent(to: JSONDocument(Array(right)))
        } catch { throw .damaged(what: "a resource: \(error)") }
    }

    /// How many bytes that are not white space, and their sum. Where nothing is escaped, values that say the same are made of the same
    /// bytes, whatever the order of their members: most that differ are told apart by this.
    private struct Tally: Equatable {
        var count = 0
        var sum = 0

        /// - Returns: nil where something is escaped: what it says is not what its bytes are.
        init?(_ bytes: ArraySlice<UInt8>) {
            let span = bytes.span
            for i in 0..<span.count {
                let byte = span[i]
                if byte == ResourceMembers.backslash { return nil }
                guard byte > 0x20 else { continue }
                count += 1
                sum += Int(byte)
            }
        }
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
