import Intake

/// What a result says, as members of its resource: exactly the source's bytes, taken out or left out whole.
enum ResultValue {
    /// Members that are the value itself, or tell it.
    private static func isValue(_ name: String) -> Bool {
        switch name {
        case "component", "interpretation", "referenceRange", "dataAbsentReason", "conclusion",
            "conclusionCode",
            "presentedForm":
            true
        // value[x], and what stands beside a primitive one.
        default: name.hasPrefix("value") || name.hasPrefix("_value") || name == "_conclusion"
        }
    }

    /// The resource without its value: what a cancelled result shows. Its narrative goes too, since it tells the value.
    ///
    /// - Throws: `damaged` where the bytes are not JSON, which no held resource is.
    static func removed(from resource: ArraySlice<UInt8>) throws(ProjectionError) -> ArraySlice<UInt8> {
        try filtered(resource) { name in
            if name == "dataAbsentReason" { return true }
            return !isValue(name) && name != "text" && name != "contained"
        }
    }

    /// Type, status and value alone: what a corrected result said before.
    static func alone(of resource: ArraySlice<UInt8>) throws(ProjectionError) -> ArraySlice<UInt8> {
        try filtered(resource) { isValue($0) || $0 == "resourceType" || $0 == "status" }
    }

    /// Whether two results say the same, whatever their status and however each is written: a sender may escape a slash, or not.
    static func isSame(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) throws(ProjectionError) -> Bool {
        let (left, right) = (try filtered(a, keeping: isValue), try filtered(b, keeping: isValue))
        if left == right { return true }
        do throws(JSONError) {
            return try JSONDocument(Array(left)).isEquivalent(to: JSONDocument(Array(right)))
        } catch { throw .damaged(what: "a resource: \(error)") }
    }

    private static func filtered(
        _ resource: ArraySlice<UInt8>, keeping isKept: (String) -> Bool
    ) throws(ProjectionError) -> ArraySlice<UInt8> {
        let root: JSONCursor
        do throws(JSONError) { root = try JSONDocument(Array(resource)).root } catch {
            throw .damaged(what: "a resource: \(error)")
        }
        var w = JSONWriter(capacity: resource.count)
        w.object { w in
            for (name, value) in root.members where isKept(name) { w.member(name, raw: value.raw) }
        }
        return w.finish()[...]
    }
}
