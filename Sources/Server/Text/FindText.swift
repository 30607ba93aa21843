import CareRecord
import Intake

/// The answer to `find-patient`, as its JSON says it, for people to read.
public struct FindText {
    public init() {}

    /// - Throws: `JSONError` where the body is not JSON, which no answer of a store is.
    public func render(_ body: [UInt8]) throws(JSONError) -> String {
        let answer = try JSONDocument(body).root
        let common = AnswerText()
        var lines: [String] = []
        if let viewer = answer["viewer"] { lines.append(common.viewer(viewer, of: answer)) }
        let rule = answer["decision"]?["rule"]?.string ?? ""
        let matches = answer["matches"]?.elements ?? []
        switch rule {
        case FindDraft.foundRule:
            lines.append(matches.count == 1 ? "1 patient matches:" : "\(matches.count) patients match:")
            for match in matches { lines.append("  " + line(match)) }
        case FindDraft.tooManyRule:
            lines.append("TOO MANY patients match: say more of whom you look for, or give the NHS number.")
        case Rule.unknownPatient.rawValue: lines.append("NOBODY who may be found matches.")
        default: lines.append("REFUSED: \(FHIRText.text(answer["decision"]?["rule"]) ?? "policy")")
        }
        lines.append("\(answer["notice"]?.string ?? "").")
        if answer["simulatedClock"]?.bool ?? false { lines.append("The clock of this store is simulated.") }
        let receipts = (answer["receipts"]?.elements ?? []).compactMap { FHIRText.number($0["position"]) }
        lines.append(
            (receipts.count == 1 ? "Receipt " : "Receipts ")
                + receipts.map { "#\($0)" }.joined(separator: ", "))
        return lines.map { PlainText.line($0, keepingIndent: true) }.joined(separator: "\n") + "\n"
    }

    private func line(_ match: JSONCursor) -> String {
        [
            FHIRText.text(match["name"]) ?? "no name", FHIRText.text(match["birthDate"]).map { "born \($0)" },
            FHIRText.text(match["nhsNumber"]).map { "NHS number \(AnswerText.grouped($0))" }
                ?? "no NHS number",
            FHIRText.text(match["postcodeDistrict"]),
        ].compactMap(\.self).joined(separator: " · ")
    }
}
