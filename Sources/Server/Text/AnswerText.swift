import Intake

/// A view or record answer, as its JSON body says it, for people to read: the time it shows, whose and for whom, what may
/// be missing, then one line an item under its category.
///
/// Reads the body and nothing else, so what is printed is what the receipt's digest covers.
public struct AnswerText {
    /// Columns. Longer lines hang under their beginning.
    public var width: Int

    public init(width: Int = 110) { self.width = max(40, width) }

    /// - Throws: `JSONError` where the body is not JSON, which no answer of a store is.
    public func render(_ body: [UInt8]) throws(JSONError) -> String {
        let answer = try JSONDocument(body).root
        var lines: [String] = heading(answer)
        let items = answer["items"]?.elements ?? []
        let isPermitted = answer["decision"]?["outcome"]?.string == "permit"
        if isPermitted {
            lines += sections(items)
            lines += absent(answer["absent"])
            lines += tombstones(answer["tombstones"])
        }
        lines += withheld(answer["withheld"])
        lines += sealed(answer["sealed"])
        lines += offers(answer["offers"])
        lines += sources(answer["sources"])
        lines += receipt(answer["receipt"])
        return PrintedPages(asAt: isAsAt(answer) ? moment(answer) : nil).paged(lines).joined(separator: "\n")
            + "\n"
    }

    // MARK: - Above the items

    func heading(_ answer: JSONCursor) -> [String] {
        var lines = [moment(answer)]
        lines.append(person(answer))
        if let viewer = answer["viewer"] { lines.append(self.viewer(viewer, of: answer)) }
        if let decision = answer["decision"], decision["outcome"]?.string != "permit" {
            lines.append("REFUSED: \(FHIRText.text(decision["rule"]) ?? "policy")\(basis(decision))")
            if let reason = FHIRText.text(decision["reason"]) { lines.append(reason) }
        }
        if let apart = answer["apart"]?.int, apart > 0 {
            lines.append(
                "Other records bear this number and are not shown here, since nobody has confirmed that they are the"
                    + " same person: \(apart).")
        }
        if let changed = FHIRText.number(answer["identityChanged"]) {
            lines.append(
                "IDENTITY CHANGED in the last 28 days (#\(changed)): check that all of this is the same person."
            )
        }
        switch answer["shield"]?.string {
        case "location-withheld":
            lines.append(
                "PROTECTED: where this patient is, and who sent what, is not shown. Do not ask for it here.")
        case "location-shown":
            lines.append("PROTECTED: this patient's whereabouts are shown to you alone. Do not pass them on.")
        default: break
        }
        if let stale = staleness(answer["sources"]) { lines.append(stale) }
        for erased in answer["erased"]?.elements ?? [] {
            let subjects = erased["subjects"]?.int ?? 1
            lines.append(
                "ERASED under \(FHIRText.text(erased["authority"]) ?? "?") at \(FHIRText.text(erased["time"]) ?? "?")"
                    + " (#\(FHIRText.number(erased["position"]) ?? "?")): what \(subjects) of this patient's source records"
                    + " held until then is gone, from views of any time.")
        }
        if let notice = FHIRText.text(answer["notice"]) { lines.append(notice + ".") }
        if answer["simulatedClock"]?.bool == true { lines.append("The clock of this store is simulated.") }
        return lines.map { PlainText.wrap($0, width: width, hanging: "  ") }
    }

    /// A historical view: every page says so.
    func isAsAt(_ answer: JSONCursor) -> Bool {
        answer["final"]?.bool == true || answer["at"]?["position"]?.int == 0
    }

    func moment(_ answer: JSONCursor) -> String {
        let position = FHIRText.number(answer["at"]?["position"]) ?? "0"
        let time = FHIRText.text(answer["at"]?["time"])
        if position == "0" {
            return "AS AT \(time ?? "the beginning"): nothing was held yet (before position #1)."
        }
        let isFinal = answer["final"]?.bool == true
        let place = "\(time ?? "") (position #\(position))"
        if let known = FHIRText.number(answer["knownAt"]?["position"]) {
            let when = FHIRText.text(answer["knownAt"]?["time"]).map { ", \($0)" } ?? ""
            return "SHOULD HAVE BEEN SEEN AT \(place), with policy as known at #\(known)\(when)"
        }
        return isFinal ? "AS AT \(place)" : "Latest: \(place)"
    }

    func person(_ answer: JSONCursor) -> String {
        let patient = answer["patient"]
        var parts: [String] = []
        let resource = (answer["items"]?.elements ?? []).first {
            $0["category"]?.string == "demographics" && $0["resource"]?["resourceType"]?.string == "Patient"
        }?["resource"]
        if let name = FHIRText.name(resource?["name"]) { parts.append(name) }
        if let birth = FHIRText.text(resource?["birthDate"]) { parts.append("born \(birth)") }
        if let number = FHIRText.text(patient?["nhsNumber"]) {
            parts.append("NHS number \(Self.grouped(number))")
        }
        if let id = FHIRText.text(patient?["id"]) { parts.append(id) }
        return "Patient: " + (parts.isEmpty ? "not known" : parts.joined(separator: " · "))
    }

    func viewer(_ viewer: JSONCursor, of answer: JSONCursor) -> String {
        let role = FHIRText.text(viewer["roleName"]) ?? FHIRText.text(viewer["role"])
        let parts = [FHIRText.text(viewer["name"]), role, FHIRText.text(viewer["organisationName"])]
        let user = FHIRText.text(viewer["user"]) ?? "?"
        let purpose = FHIRText.text(answer["purpose"]).map { ", for \($0)" } ?? ""
        guard let whom = FHIRText.joined(parts.compactMap(\.self), ", ") else {
            return "Viewer: \(user)\(purpose)"
        }
        return "Viewer: \(whom) (\(user))\(purpose)"
    }

    // MARK: - The items

    private func sections(_ items: [JSONCursor]) -> [String] {
        var lines: [String] = []
        var current: String?
        for group in Self.groups(items) {
            for item in group {
                let category = FHIRText.text(item["category"]) ?? "other"
                if category != current {
                    lines += ["", Self.title(category)]
                    current = category
                }
                lines.append(line(item, category: category))
            }
        }
        return lines
    }

    /// Items by category as they come, and within one by date, newest first; what has no date comes last.
    private static func groups(_ items: [JSONCursor]) -> [[JSONCursor]] {
        var groups: [(category: String, items: [(item: JSONCursor, date: String)])] = []
        for item in items {
            let category = item["category"]?.string ?? "other"
            let date = item["resource"].flatMap { ResourceSummary.date($0) } ?? ""
            if groups.last?.category == category {
                groups[groups.count - 1].items.append((item, date))
            } else {
                groups.append((category, [(item, date)]))
            }
        }
        return groups.map { group in
            group.items.enumerated()
                .sorted { ($1.element.date, $0.offset) < ($0.element.date, $1.offset) }
                .map(\.element.item)
        }
    }

    private func line(_ item: JSONCursor, category: String) -> String {
        var text =
            item["resource"].map { ResourceSummary($0, category: category).line } ?? Self.withoutContent
        if let previous = item["previous"], let was = ResourceSummary.previously(previous["resource"]) {
            text += " · previously \(was)"
        }
        return PlainText.wrap(
            "\(text)  [\(Self.origin(item))]", width: width, indent: "  ", hanging: "      ")
    }

    /// The source, where it may be told, and where the version stands in the log.
    private static func origin(_ item: JSONCursor) -> String {
        let position = FHIRText.number(item["position"]).map { "#\($0)" }
        return [FHIRText.text(item["source"]), position].compactMap(\.self).joined(separator: " ")
    }

    /// An auditor sees that there is an item, and not what it says.
    private static let withoutContent = "an item, its content not shown: that takes an open case (--case)"

    func tombstones(_ list: JSONCursor?) -> [String] {
        let all = list?.elements ?? []
        if all.isEmpty { return [] }
        return ["", "RETRACTED (entered in error, or deleted by the source)"]
            + all.map { entry in
                let parts = [
                    FHIRText.text(entry["item"]) ?? "an item",
                    FHIRText.text(entry["category"]).map { "(\($0))" },
                    FHIRText.text(entry["recorded"]).map { "retracted \($0)" },
                ]
                return "  " + parts.compactMap(\.self).joined(separator: " ") + "  [\(Self.origin(entry))]"
            }
    }

    func receipt(_ receipt: JSONCursor?) -> [String] {
        guard let receipt, let position = FHIRText.number(receipt["position"]) else { return [] }
        let digest = FHIRText.text(receipt["body"]).map { ", body \($0.prefix(16))…" } ?? ""
        return ["", "Receipt #\(position)\(digest)"]
    }

    /// `blood-tests` as a heading: `BLOOD TESTS`.
    static func title(_ category: String) -> String {
        category == "gp-practice" ? "GP PRACTICE" : category.replacing("-", with: " ").uppercased()
    }

    /// `9990177015` as it is read out: `999 017 7015`.
    static func grouped(_ number: String) -> String {
        guard number.count == 10 else { return number }
        return "\(number.prefix(3)) \(number.dropFirst(3).prefix(3)) \(number.dropFirst(6))"
    }
}
