import Intake

/// An explanation for people to read: the decision on the whole, then the items by their reasons, then the events named.
/// Reads the body and nothing else.
public struct ExplanationText {
    public var width: Int

    public init(width: Int = 110) { self.width = max(40, width) }

    public func render(_ body: [UInt8]) throws(JSONError) -> String {
        let answer = try JSONDocument(body).root
        let heading = AnswerText(width: width)
        var lines = heading.heading(answer)
        lines += ["", "THE VIEW AS A WHOLE"] + part(answer, indent: "  ")
        for item in answer["items"]?.elements ?? [] {
            lines += ["", title(item)] + part(item, indent: "  ")
        }
        if let none = FHIRText.text(answer["notHeld"]) {
            lines += ["", "\(FHIRText.text(answer["item"]) ?? ""): \(none)."]
        }
        lines += events(answer["events"])
        lines += heading.receipt(answer["receipt"])
        return PrintedPages(asAt: heading.isAsAt(answer) ? heading.moment(answer) : nil).paged(lines)
            .joined(separator: "\n") + "\n"
    }

    private func title(_ item: JSONCursor) -> String {
        let category = AnswerText.title(FHIRText.text(item["category"]) ?? "other")
        let source = FHIRText.text(item["source"]).map { " from \($0)" } ?? ""
        let count = FHIRText.number(item["count"]).map { ": \($0)" } ?? ""
        return category + source + count
    }

    private func part(_ part: JSONCursor, indent: String) -> [String] {
        var lines: [String] = []
        func add(_ text: String, deeper: String = "") {
            lines.append(
                PlainText.wrap(text, width: width, indent: indent + deeper, hanging: indent + deeper + "    ")
            )
        }
        let references = FHIRText.strings(part["references"])
        if !references.isEmpty { add(references.joined(separator: ", ")) }
        if let decision = part["decision"] {
            let outcome = decision["outcome"]?.string == "permit" ? "Shown" : "WITHHELD"
            add(
                "\(outcome) by \(FHIRText.text(decision["rule"]) ?? "?"): \(FHIRText.text(decision["words"]) ?? "")\(basis(decision))"
            )
        }
        for step in part["steps"]?.elements ?? [] {
            let outcome = FHIRText.text(step["outcome"]) ?? "?"
            let by = FHIRText.number(step["by"]).map { " by #\($0)" } ?? ""
            add(
                "\(outcome.replacing("-", with: " "))\(by)  \(FHIRText.text(step["rule"]) ?? "?")\(basis(step))",
                deeper: "  ")
        }
        let changes = part["wouldChange"]?.elements ?? []
        if !changes.isEmpty {
            let isShown = part["decision"]?["outcome"]?.string == "permit"
            add(isShown ? "Any one of these would withhold it:" : "These, in this order, would change that:")
            for change in changes {
                add(
                    "\(FHIRText.text(change["words"]) ?? "?"): then \(FHIRText.text(change["then"]) ?? "?")",
                    deeper: "  ")
            }
        }
        return lines
    }

    private func events(_ list: JSONCursor?) -> [String] {
        let all = list?.elements ?? []
        if all.isEmpty { return [] }
        return ["", "EVENTS"] + all.map { Self.event($0, width) }
    }

    /// `#43  2018-01-29T16:00:00Z  relationshipCreated reg-1, for ZZG01, by dr-brook`.
    static func event(_ event: JSONCursor, _ width: Int) -> String {
        var text =
            "#\(FHIRText.number(event["position"]) ?? "?")  \(FHIRText.text(event["recorded"]) ?? "")  "
        text += FHIRText.text(event["words"]) ?? FHIRText.text(event["what"]) ?? ""
        if let from = FHIRText.text(event["from"]) { text += ", from \(from)" }
        if let to = FHIRText.text(event["to"]) { text += ", to \(to)" }
        if let by = FHIRText.text(event["recordedBy"]) { text += ", recorded by \(by)" }
        return PlainText.wrap(text, width: width, indent: "  ", hanging: "      ")
    }

    private func basis(_ holder: JSONCursor) -> String { AnswerText(width: width).basis(holder) }
}
