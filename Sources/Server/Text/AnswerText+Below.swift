import Intake

/// What stands below the items of an answer: what is absent, what is withheld, what may be done about it, and whether the
/// sources are up to date.
extension AnswerText {
    /// Nothing under a heading is never to be read as "there is nothing": allergies are named by themselves.
    func absent(_ absent: JSONCursor?) -> [String] {
        let names = FHIRText.strings(absent?["categories"])
        if names.isEmpty { return [] }
        var lines: [String] = []
        if names.contains("allergies") {
            lines += [
                "", Self.title("allergies"),
                "  None received that may be shown. This does not mean that there are none.",
            ]
        }
        let others = names.filter { $0 != "allergies" }
        guard !others.isEmpty else { return lines }
        let text = others.map { Self.title($0).lowercased().replacing("gp ", with: "GP ") }.joined(
            separator: ", ")
        return lines + [
            "", "NONE RECEIVED that may be shown. This does not mean that there are none.",
            PlainText.wrap(text, width: width, indent: "  "),
        ]
    }

    func withheld(_ list: JSONCursor?) -> [String] {
        let all = list?.elements ?? []
        if all.isEmpty { return [] }
        return ["", "WITHHELD"]
            + all.map { entry in
                let count = FHIRText.number(entry["count"]) ?? "?"
                let category = FHIRText.text(entry["category"]) ?? "?"
                return "  \(category): \(count), by \(FHIRText.text(entry["rule"]) ?? "?")\(basis(entry))"
            }
    }

    func sealed(_ list: JSONCursor?) -> [String] {
        let all = list?.elements ?? []
        if all.isEmpty { return [] }
        return ["", "SEALED"]
            + all.map { entry in
                let source = FHIRText.text(entry["source"]).map { " of \($0)" } ?? ""
                return "  sealed item\(source): \(FHIRText.number(entry["count"]) ?? "?")"
            }
    }

    /// One step each: the command that records it, but for the reason.
    func offers(_ list: JSONCursor?) -> [String] {
        let all = list?.elements ?? []
        if all.isEmpty { return [] }
        return ["", "YOU MAY, and it is recorded:"]
            + all.flatMap { offer -> [String] in
                guard let fact = offer["fact"] else { return [] }
                let reason = offer["needs"]?.string == "reason"
                var entry = String(decoding: fact.raw, as: UTF8.self)
                if reason { entry = entry.replacing("}}", with: #","reason":"WHY"}}"#) }
                return [
                    PlainText.wrap(
                        "\(FHIRText.text(offer["step"]) ?? "?"): \(FHIRText.text(offer["means"]) ?? "")",
                        width: width, indent: "  ", hanging: "      "),
                    // A command is copied whole: it is not broken.
                    "      echo '[\(Self.quoted(entry))]' | daybook policy record -",
                ]
            }
    }

    /// Within single quotes of a shell: ids are the sources' own, and must stay text.
    static func quoted(_ text: String) -> String { PlainText.line(text).replacing("'", with: #"'\''"#) }

    func sources(_ list: JSONCursor?) -> [String] {
        let all = list?.elements ?? []
        if all.isEmpty { return [] }
        return ["", "SOURCES"]
            + all.map { entry in
                let source = FHIRText.text(entry["source"]) ?? "?"
                let last = FHIRText.text(entry["last"]).map { ", last heard from \($0)" } ?? ""
                return "  \(source): \(FHIRText.text(entry["status"]) ?? "?")\(last)"
            }
    }

    /// A silent feed is never "no results": above the items it says who is silent.
    func staleness(_ list: JSONCursor?) -> String? {
        let silent = (list?.elements ?? []).compactMap { entry -> String? in
            guard let source = FHIRText.text(entry["source"]) else { return nil }
            switch FHIRText.text(entry["status"]) {
            case "late": return "\(source) is late"
            case "down": return "\(source) is down"
            case "never": return "\(source) has never sent anything"
            default: return nil
            }
        }
        guard !silent.isEmpty else { return nil }
        return "NOT UP TO DATE: \(silent.joined(separator: ", ")). What they hold may be missing here."
    }

    /// ` (#5, #12)`: the events that decided.
    func basis(_ holder: JSONCursor) -> String {
        let positions = (holder["basis"]?.elements ?? []).compactMap { FHIRText.number($0) }
        return positions.isEmpty ? "" : " (" + positions.map { "#\($0)" }.joined(separator: ", ") + ")"
    }
}
