import HL7

/// OBX-5 as a FHIR value, by OBX-2: number, unit and comparator exactly as sent.
struct ObservationValue {
    private enum Form {
        case value(String, FHIRValue)
        case none
    }

    private var forms: [Form] = []
    /// The values as sent, of types that are no text.
    private var words: [String] = []

    var isAbsent: Bool { forms.isEmpty }

    init(_ result: ResultGroup.Result, reader: HL7MessageReader) {
        let type = result.type
        let field = result.obx.field(5)
        let lines = ([result.obx] + result.lines).flatMap {
            $0.field(5).repetitions.map { $0.isNull ? "" : $0.string }
        }
        if result.isText {
            let text = lines.joined(separator: "\n")
            if !text.trimmed.isEmpty { forms = [.value("valueString", .text(text))] }
            return
        }
        let unit = result.obx.field(6)
        words = lines
        for value in field.repetitions where value.isValued {
            if let (name, made) = Self.made(value, type, unit, reader) { forms.append(.value(name, made)) }
        }
    }

    /// Beyond it, several values are the lines of a text.
    private static let maximumComponents = 100

    /// One value stands as the observation's; several are its components, since none of them is it.
    func set(in out: inout FHIRObject, code: FHIRObject) {
        if forms.count == 1, case .value(let name, let value)? = forms.first { return out.set(name, value) }
        if forms.count > Self.maximumComponents {
            return out.set("valueString", words.joined(separator: "\n"))
        }
        out.set(
            "component",
            forms.compactMap { form in
                guard case .value(let name, let value) = form else { return nil }
                var component = FHIRObject()
                component.set("code", code)
                component.set(name, value)
                return component
            })
    }

    private static func made(
        _ value: HL7Value, _ type: String, _ unit: HL7Value, _ reader: HL7MessageReader
    ) -> (String, FHIRValue)? {
        switch type {
        case "NM":
            if let quantity = quantity(value.words ?? "", unit) {
                return ("valueQuantity", .object(quantity))
            }
        case "SN": if let found = structured(value, unit) { return found }
        case "CQ":
            if let quantity = quantity(
                value.component(1).words ?? "", value.component(2).isValued ? value.component(2) : unit)
            {
                return ("valueQuantity", .object(quantity))
            }
        case "CE", "CWE", "CNE", "CF", "IS", "ID":
            if let concept = HL7Concept.concept(value) { return ("valueCodeableConcept", .object(concept)) }
        case "DT", "TS", "DTM":
            if let moment = reader.moment(value) { return ("valueDateTime", .text(moment.text)) }
        case "TM":
            if let clock = HL7Clock(value.component(1).trimmed) {
                let parts = [clock.hour, clock.minute, clock.second].map { HL7Moment.padded($0, 2) }
                return ("valueTime", .text(parts.joined(separator: ":")))
            }
        case "NR":
            let range = range(value.component(1).words ?? "", value.component(2).words ?? "", unit)
            if let range { return ("valueRange", .object(range)) }
        case "DR":
            let period = FHIRObject.period(
                reader.moment(value.component(1)), reader.moment(value.component(2)))
            if !period.isEmpty { return ("valuePeriod", .object(period)) }
        default: break
        }
        return plain(value)
    }

    /// What nothing else fits: the components in order. With no type (OBX-2) a coded value is told by its system.
    private static func plain(_ value: HL7Value) -> (String, FHIRValue)? {
        let words = value.components.compactMap { $0.isValued ? $0.string.trimmed : nil }.filter {
            !$0.isEmpty
        }
        guard !words.isEmpty else { return nil }
        return ("valueString", .text(words.joined(separator: " ")))
    }

    /// SN: comparator, number, separator, number.
    private static func structured(_ value: HL7Value, _ unit: HL7Value) -> (String, FHIRValue)? {
        let parts = (1...4).map { value.component($0).words ?? "" }
        let comparator = parts[0] == "=" ? "" : parts[0]
        if parts[2].isEmpty, parts[3].isEmpty {
            if let quantity = quantity(comparator + parts[1], unit) {
                return ("valueQuantity", .object(quantity))
            }
        } else if comparator.isEmpty, parts[2] == "-" {
            if let range = range(parts[1], parts[3], unit) { return ("valueRange", .object(range)) }
        } else if parts[2] == "/" || parts[2] == ":", comparator.isEmpty {
            if let first = number(parts[1]), let second = number(parts[3]) {
                var out = FHIRObject()
                for (name, number) in [("numerator", first), ("denominator", second)] {
                    var quantity = FHIRObject()
                    quantity.set("value", .number(number))
                    out.set(name, quantity)
                }
                return ("valueRatio", .object(out))
            }
        }
        let text = parts.joined() + (unitText(unit).map { " \($0)" } ?? "")
        return text.trimmed.isEmpty ? nil : ("valueString", .text(text))
    }

    private static func range(_ low: String, _ high: String, _ unit: HL7Value) -> FHIRObject? {
        var out = FHIRObject()
        for (name, text) in [("low", low), ("high", high)] where !text.isEmpty {
            guard number(text) != nil, let quantity = quantity(text, unit) else { return nil }
            out.set(name, quantity)
        }
        return out.isEmpty ? nil : out
    }

    /// A number with its unit, and a comparator that stands before it; nil where it is none.
    static func quantity(_ text: String, _ unit: HL7Value) -> FHIRObject? {
        var rest = text[...]
        var comparator: String?
        for sign in ["<=", ">=", "<", ">"] where rest.hasPrefix(sign) {
            comparator = sign
            rest = rest.dropFirst(sign.count)
            break
        }
        guard let digits = number(String(rest).trimmed) else { return nil }
        var out = FHIRObject()
        out.set("value", .number(digits))
        out.set("comparator", comparator)
        guard unit.isValued else { return out }
        let code = unit.component(1).words
        out.set("unit", unitText(unit))
        if let name = unit.component(3).words, let code, code.isFHIRCode {
            let system = name.uppercased() == "ISO+" ? HL7Codes.named("ISO+") : HL7Codes.system(name)
            if let system { out.setCode(code, system: system) }
        }
        return out
    }

    /// The unit as a reader is shown it: its text, else its code. A code that no system is named for can stand nowhere else: it is the
    /// unit, as in `mmHg^Unit`, unless it is a mere number.
    private static func unitText(_ unit: HL7Value) -> String? {
        let (code, text) = (unit.component(1).words, unit.component(2).words)
        if let code, !unit.component(3).isValued, code.contains(where: { !$0.isNumber }) { return code }
        return text ?? code
    }

    /// Digits after which a number is not one any laboratory measured.
    private static let maximumDigits = 32

    /// The number as JSON writes it: as sent, but for a plus sign, zeros that lead, and a point that nothing stands before or after.
    static func number(_ text: String) -> [UInt8]? {
        var bytes = Array(text.utf8)[...]
        guard bytes.count <= maximumDigits else { return nil }
        var out: [UInt8] = []
        if bytes.first == UInt8(ascii: "-") {
            out.append(bytes.removeFirst())
        } else if bytes.first == UInt8(ascii: "+") {
            bytes.removeFirst()
        }
        let point = bytes.firstIndex(of: UInt8(ascii: ".")) ?? bytes.endIndex
        var whole = bytes[..<point]
        let fraction = bytes[point...].dropFirst()
        guard !(whole.isEmpty && fraction.isEmpty),
            (whole + fraction).allSatisfy({ (0x30...0x39).contains($0) })
        else {
            return nil
        }
        while whole.count > 1, whole.first == 0x30 { whole.removeFirst() }
        out += whole.isEmpty ? [0x30] : Array(whole)
        if !fraction.isEmpty { out += [UInt8(ascii: ".")] + fraction }
        return out
    }
}
