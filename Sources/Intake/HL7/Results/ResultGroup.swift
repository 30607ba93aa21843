import HL7

/// One order's results: OBR with its notes, each OBX with its own, and the specimens.
struct ResultGroup {
    struct Result {
        var obx: HL7Segment
        var notes: [HL7Segment] = []
        /// Further lines of the same text, each an OBX of its own.
        var lines: [HL7Segment] = []

        init(obx: HL7Segment) {
            self.obx = obx
            type = obx.field(2).words?.uppercased() ?? ""
            status = obx.field(11).words?.uppercased() ?? ""
        }

        let type: String
        let status: String
        /// What tells it from the other results of its report.
        var key: String {
            "\(HL7Concept.key(obx.field(3)) ?? "")-\(obx.field(4).words ?? "")"
        }
        var isText: Bool { ["TX", "FT", "ST"].contains(type) }
        var isDocument: Bool { type == "ED" || type == "RP" }
        var isInError: Bool { HL7Codes.observationStatus(status) == "entered-in-error" }
        var isCancelled: Bool { HL7Codes.observationStatus(status) == "cancelled" }
    }

    var obr: HL7Segment
    var orc: HL7Segment?
    var notes: [HL7Segment] = []
    var results: [Result] = []
    var specimens: [HL7Segment] = []

    /// The groups of a message.
    ///
    /// - Throws: `missingSegment` for an OBX that comes before any OBR.
    static func groups(_ message: HL7Message) throws(HL7Fault) -> [ResultGroup] {
        var groups: [ResultGroup] = []
        var orc: HL7Segment?
        for segment in message.segments {
            if segment.isNamed("ORC") {
                orc = segment
            } else if segment.isNamed("OBR") {
                groups.append(ResultGroup(obr: segment, orc: orc))
                orc = nil
            } else if segment.isNamed("OBX") {
                guard !groups.isEmpty else {
                    throw HL7Fault(
                        .missingSegment, at: segment.path(),
                        "a result with no OBR before it: what was asked for?")
                }
                groups[groups.count - 1].add(segment)
            } else if segment.isNamed("NTE"), !groups.isEmpty {
                groups[groups.count - 1].note(segment)
            } else if segment.isNamed("SPM"), !groups.isEmpty {
                groups[groups.count - 1].specimens.append(segment)
            }
        }
        return groups
    }

    /// Lines of one text come as results of the same name, one after the other.
    private mutating func add(_ obx: HL7Segment) {
        let result = Result(obx: obx)
        if result.type == "TX" || result.type == "FT", let last = results.last, last.notes.isEmpty,
            last.type == result.type, last.status == result.status, last.key == result.key
        {
            results[results.count - 1].lines.append(obx)
        } else {
            results.append(result)
        }
    }

    private mutating func note(_ nte: HL7Segment) {
        if results.isEmpty { notes.append(nte) } else { results[results.count - 1].notes.append(nte) }
    }

    // MARK: What it goes by, and what kind it is

    /// OBR-3, else ORC-3, else OBR-2, else ORC-2: with the authority, as far as it is sent.
    var number: String? {
        let values = [obr.field(3), orc?.field(3), obr.field(2), orc?.field(2)].compactMap(\.self)
        guard let value = values.first(where: { $0.component(1).words != nil }) else { return nil }
        return [1, 2, 3].compactMap { value.component($0).words }.joined(separator: "^")
    }

    /// OBR-24, table 0074.
    var section: String { obr.field(24).component(1).words?.uppercased() ?? "" }

    var isImaging: Bool { CategoryRules.isImagingSection(section) }

    /// Sections that measure people, not specimens; and devices at the bedside or at home, by their codes.
    var isMeasurement: Bool {
        if Self.measuring.contains(section) { return true }
        guard section.isEmpty, specimens.isEmpty, !obr.field(15).isValued else { return false }
        let codes = [obr.field(4)] + results.map { $0.obx.field(3) }
        return codes.contains { $0.component(3).words?.uppercased() == "MDC" }
    }

    private static let measuring: Set<String> = [
        "AU", "CTH", "EC", "EN", "ICU", "NRS", "OT", "PHY", "PF", "PT", "RC", "RT",
    ]

    /// OBR-25; where it is missing, what the results say together.
    var status: String {
        if let stated = HL7Codes.reportStatus(obr.field(25).words ?? "") { return stated }
        let all = results.compactMap { HL7Codes.observationStatus($0.status) }
        let live = all.filter { $0 != "entered-in-error" && $0 != "cancelled" }
        if all.isEmpty { return "unknown" }
        if live.isEmpty { return all.contains("cancelled") ? "cancelled" : "entered-in-error" }
        let open = live.filter { $0 == "preliminary" || $0 == "registered" }
        if open.count == live.count {
            return open.allSatisfy { $0 == "registered" } ? "registered" : "preliminary"
        }
        if !open.isEmpty { return "partial" }
        if live.contains("corrected") { return "corrected" }
        return live.contains("amended") ? "amended" : live.contains("final") ? "final" : "unknown"
    }
}
