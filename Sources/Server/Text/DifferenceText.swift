import Intake

/// A difference for people to read: what changed, when, by what. Reads the body and nothing else.
public struct DifferenceText {
    public var width: Int

    public init(width: Int = 110) { self.width = max(40, width) }

    public func render(_ body: [UInt8]) throws(JSONError) -> String {
        let answer = try JSONDocument(body).root
        let heading = AnswerText(width: width)
        var lines = [
            "From \(moment(answer["from"])) to \(moment(answer["to"])), as \(FHIRText.text(answer["as"]) ?? "?")",
            heading.person(answer),
        ]
        if answer["simulatedClock"]?.bool == true { lines.append("The clock of this store is simulated.") }
        let changes = answer["changes"]?.elements ?? []
        if changes.isEmpty { lines += ["", "Nothing became visible or ceased to be."] }
        var last = ""
        for change in changes {
            let time = FHIRText.text(change["time"]) ?? "?"
            let head =
                "\(time)  became \(FHIRText.text(change["became"])?.uppercased() ?? "?")\(cause(change))"
            if head != last { lines += ["", PlainText.wrap(head, width: width, hanging: "    ")] }
            last = head
            let item = [
                FHIRText.text(change["category"]), FHIRText.text(change["item"]),
                FHIRText.text(change["source"]).map { "from \($0)" },
            ]
            lines.append(
                PlainText.wrap(
                    item.compactMap(\.self).joined(separator: "  "), width: width, indent: "  ",
                    hanging: "      "))
        }
        let events = answer["events"]?.elements ?? []
        if !events.isEmpty { lines += ["", "EVENTS"] + events.map { ExplanationText.event($0, width) } }
        lines += heading.receipt(answer["receipt"])
        return lines.joined(separator: "\n") + "\n"
    }

    private func moment(_ point: JSONCursor?) -> String {
        "\(FHIRText.text(point?["time"]) ?? "the beginning") (#\(FHIRText.number(point?["position"]) ?? "0"))"
    }

    private func cause(_ change: JSONCursor) -> String {
        let positions = (change["events"]?.elements ?? []).compactMap { FHIRText.number($0) }.map { "#\($0)" }
        let rule = FHIRText.text(change["rule"]).map { ", by \($0)" } ?? ""
        if positions.isEmpty { return rule }
        let by =
            change["cause"]?.string == "time"
            ? "by the passing of a time set by \(positions.joined(separator: ", "))"
            : "by \(positions.joined(separator: ", "))"
        return "\(rule): \(by)"
    }
}
