import Intake

/// FHIR R4 data types as people read them. Values, units and dates are shown exactly as sent: no rounding, no conversion,
/// no change of time zone.
enum FHIRText {
    /// A CodeableConcept: its text, else a display, else a bare code with its system.
    static func concept(_ value: JSONCursor?) -> String? {
        guard let value else { return nil }
        if let text = text(value["text"]) { return text }
        let codings = value["coding"]?.elements ?? []
        for coding in codings { if let display = text(coding["display"]) { return display } }
        for coding in codings {
            guard let code = text(coding["code"]) else { continue }
            guard let system = text(coding["system"]) else { return code }
            return "\(code) (\(system))"
        }
        return nil
    }

    /// The first code of a CodeableConcept: short, for statuses.
    static func code(_ value: JSONCursor?) -> String? {
        guard let value else { return nil }
        for coding in value["coding"]?.elements ?? [] { if let code = text(coding["code"]) { return code } }
        return text(value["text"])
    }

    static func concepts(_ list: JSONCursor?) -> String? {
        joined((list?.elements ?? []).compactMap(concept), ", ")
    }

    /// A Quantity with comparator and unit as sent; a missing unit says so.
    static func quantity(_ value: JSONCursor?) -> String? {
        guard let value, let number = number(value["value"]) else { return nil }
        let comparator = text(value["comparator"]) ?? ""
        guard let unit = unit(value) else {
            return "\(comparator)\(number) (no unit sent)"
        }
        return "\(comparator)\(number) \(unit)"
    }

    /// A Quantity's unit as sent.
    static func unit(_ value: JSONCursor?) -> String? { text(value?["unit"]) ?? text(value?["code"]) }

    /// Abnormal flags as sent: the display, else the bare code.
    static func flags(_ list: JSONCursor?) -> String? {
        let flags = (list?.elements ?? []).compactMap { flag -> String? in
            if let text = text(flag["text"]) { return text }
            let codings = flag["coding"]?.elements ?? []
            return codings.lazy.compactMap { text($0["display"]) }.first
                ?? codings.lazy.compactMap { text($0["code"]) }.first
        }
        return joined(flags, ", ")
    }

    /// An Observation's reference range: low to high, else its text; its unit where that is not the value's.
    static func range(_ value: JSONCursor?, unit: String?) -> String? {
        guard let value else { return nil }
        let low = number(value["low"]?["value"])
        let high = number(value["high"]?["value"])
        let stated = Set([value["low"], value["high"]].compactMap { self.unit($0) })
        let other = stated.filter { $0 != unit }.sorted()
        let suffix = other.isEmpty ? "" : " " + other.joined(separator: " / ")
        switch (low, high) {
        case (let low?, let high?): return "\(low)–\(high)\(suffix)"
        case (let low?, nil): return "≥ \(low)\(suffix)"
        case (nil, let high?): return "≤ \(high)\(suffix)"
        case (nil, nil): return text(value["text"])
        }
    }

    /// A time that the source marked, or left, so that it could be either of two.
    static let ambiguousTime = "https://daybook.invalid/fhir/ambiguous-local-time"

    /// A date or time member exactly as sent, and what is doubtful about it.
    static func time(_ holder: JSONCursor?, _ name: String) -> String? {
        guard let holder, let text = text(holder[name]) else { return nil }
        let isMarked = (holder["_\(name)"]?["extension"]?.elements ?? []).contains {
            $0["url"]?.string == ambiguousTime && $0["valueBoolean"]?.bool == true
        }
        if isMarked { return text + " (ambiguous: the clocks showed this time twice)" }
        guard let clock = text.split(separator: "T", maxSplits: 1).dropFirst().first else { return text }
        return clock.contains { "Zz+-".contains($0) } ? text : text + " (no time zone sent)"
    }

    /// A Period as sent; an open end is "on".
    static func period(_ value: JSONCursor?) -> String? {
        guard let value else { return nil }
        switch (time(value, "start"), time(value, "end")) {
        case (let start?, let end?): return "\(start) to \(end)"
        case (let start?, nil): return "\(start) on"
        case (nil, let end?): return "until \(end)"
        case (nil, nil): return nil
        }
    }

    /// A HumanName: the official one where there are several.
    static func name(_ list: JSONCursor?) -> String? {
        let all = list.map { $0.kind == .array ? $0.elements : [$0] } ?? []
        guard let name = all.first(where: { $0["use"]?.string == "official" }) ?? all.first else {
            return nil
        }
        if let text = text(name["text"]) { return text }
        let parts =
            strings(name["prefix"]) + strings(name["given"])
            + [text(name["family"])?.uppercased()].compactMap(\.self)
        return joined(parts, " ")
    }

    static func address(_ value: JSONCursor?) -> String? {
        guard let value else { return nil }
        if let text = text(value["text"]) { return text }
        let parts =
            strings(value["line"]) + ["city", "district", "postalCode"].compactMap { text(value[$0]) }
        return joined(parts, ", ")
    }

    static func contacts(_ list: JSONCursor?) -> String? {
        let parts = (list?.elements ?? []).compactMap { point -> String? in
            guard let value = text(point["value"]) else { return nil }
            return [text(point["system"]), value].compactMap(\.self).joined(separator: " ")
        }
        return joined(parts, ", ")
    }

    /// A Reference: what it calls itself, else where it points.
    static func reference(_ value: JSONCursor?) -> String? {
        guard let value else { return nil }
        return text(value["display"]) ?? text(value["reference"]) ?? text(value["identifier"]?["value"])
    }

    /// `value[x]` of an Observation and its components.
    static func value(of holder: JSONCursor) -> String? {
        if let quantity = holder["valueQuantity"] { return self.quantity(quantity) }
        if let concept = holder["valueCodeableConcept"] { return self.concept(concept) }
        if let time = time(holder, "valueDateTime") { return time }
        for name in ["valueString", "valueTime"] { if let text = text(holder[name]) { return text } }
        if let flag = holder["valueBoolean"]?.bool { return flag ? "yes" : "no" }
        if let whole = number(holder["valueInteger"]) { return whole }
        if let period = holder["valuePeriod"] { return self.period(period) }
        if let range = holder["valueRange"] {
            return joined([quantity(range["low"]), quantity(range["high"])].compactMap(\.self), " to ")
        }
        if let ratio = holder["valueRatio"] {
            return joined(
                [quantity(ratio["numerator"]), quantity(ratio["denominator"])].compactMap(\.self), " : ")
        }
        if holder["valueSampledData"] != nil { return "sampled data, not shown as text" }
        return concept(holder["dataAbsentReason"]).map { "no value: \($0)" }
    }

    /// A number as sent: `6.80` stays `6.80`.
    static func number(_ value: JSONCursor?) -> String? { value?.number }

    static func text(_ value: JSONCursor?) -> String? {
        guard let string = value?.string else { return nil }
        let line = PlainText.line(string)
        return line.isEmpty ? nil : line
    }

    static func strings(_ list: JSONCursor?) -> [String] { (list?.elements ?? []).compactMap { text($0) } }

    static func joined(_ parts: [String], _ separator: String) -> String? {
        parts.isEmpty ? nil : parts.joined(separator: separator)
    }
}
