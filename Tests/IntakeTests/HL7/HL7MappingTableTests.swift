import Foundation
import Intake
import Testing

/// HL7's own tables of what a field becomes in FHIR R4 (HL7/v2-to-fhir), held to what intake makes of the field: the member that a table
/// names has something of it, or the departure and its reason stand here.
@Suite(.enabled(if: Corpora.folder != nil, "DAYBOOK_CORPORA is not set")) struct HL7MappingTableTests {
    typealias F = HL7Fixture

    /// One segment's table, and a message in which a field of the segment is set.
    struct Table: Sendable, CustomStringConvertible {
        var segment: String
        var resource: String
        var file: String
        /// What the segment has beside the field in question.
        var fields: [Int: String]
        /// Samples of fields that a value of their type alone does not fill.
        var samples: [Int: String] = [:]
        var message: @Sendable (String) -> [UInt8]

        var description: String { "\(segment) to \(resource)" }
    }

    static let tables = [
        Table(
            segment: "PID", resource: "Patient", file: "PID[Patient]_-_PID.csv",
            fields: [3: "H100^^^RBD^MR", 5: "SMITH^ANN"],
            samples: [8: "M", 15: "en", 25: "2", 30: "Y", 7: "19700101"],
            message: { F.adt("A28", pid: $0, pv1: nil) }),
        Table(
            segment: "PD1", resource: "Patient", file: "PD1[Patient]_-_PD1.csv", fields: [:],
            message: { F.adt("A28", pv1: nil, [$0]) }),
        Table(
            segment: "NK1", resource: "RelatedPerson", file: "NK1[RelatedPerson]_-_Sheet1.csv",
            fields: [2: "SMITH^BOB", 3: "SPO"], samples: [15: "M"],
            message: { F.adt("A28", pv1: nil, [$0]) }),
        Table(
            segment: "PV1", resource: "Encounter", file: "PV1[Encounter]_-_PV1.csv",
            fields: [2: "I", 3: "WARD1"], message: { F.adt("A01", pv1: $0) }),
        Table(
            segment: "PV2", resource: "Encounter", file: "PV2[Encounter]_-_PV2.csv", fields: [:],
            message: { F.adt("A01", [$0]) }),
        Table(
            segment: "AL1", resource: "AllergyIntolerance", file: "AL1[AllergyIntolerance]_-_AL1.csv",
            fields: [2: "DA", 3: "A1^Penicillin^L"], samples: [2: "FA", 4: "SV"],
            message: { F.adt("A28", pv1: nil, [$0]) }),
        Table(
            segment: "DG1", resource: "Condition", file: "DG1[Condition]_-_Sheet1.csv",
            fields: [3: "D1^Asthma^L"], samples: [21: "D"], message: { F.adt("A01", [$0]) }),
        Table(
            segment: "PR1", resource: "Procedure", file: "PR1[Procedure]_-_PR1[Procedure].csv",
            fields: [3: "P1^Biopsy^L"], message: { F.adt("A01", [$0]) }),
        Table(
            segment: "OBR", resource: "DiagnosticReport", file: "OBR[DiagnosticReport]_-_OBR.csv",
            fields: [3: "R1", 4: "BAT^Battery^L", 7: "201701010304"], samples: [24: "RAD"],
            message: {
                F.message("ORU^R01", [F.pid(), $0, "OBX|1|NM|718-7^Haemoglobin^LN||140|g/L||||F"])
            }),
        Table(
            segment: "OBX", resource: "Observation", file: "OBX[Observation]_-_OBX.csv",
            fields: [2: "ST", 3: "718-7^Haemoglobin^LN", 11: "F"],
            samples: [8: "H", 11: "P", 29: "RSLT"],
            message: { F.message("ORU^R01", [F.pid(), "OBR|1||R1|BAT^Battery^L", $0]) }),
    ]

    /// A value of a data type.
    private static func sample(_ type: String) -> String {
        switch type {
        case "XPN": "JONES^MARY^^^^^A"
        case "CX", "EI", "EIP": "X77^^^OTHER^PI"
        case "DTM", "TS": "201701020304"
        case "DT": "20170102"
        case "XAD": "1 ROAD^^TOWN^^AA1 1AA^^H"
        case "XTN": "01234 567890^PRN^PH"
        case "XCN", "NDL", "CNN": "D1^DOE^JO"
        case "PL", "DLD": "WARD9"
        case "XON": "SURGERY^^ZZ101"
        case "NM", "SI": "2"
        case "CWE", "CE", "CNE", "CF": "C1^Words^L"
        default: "Y"
        }
    }

    private struct Row: Hashable, CustomStringConvertible {
        var field: Int
        var type: String
        var member: String
        var segment: String

        var description: String { "\(segment)-\(field) \(member)" }
    }

    /// The rows that hold without a condition: a field, its data type, and the member it goes to.
    private static func rows(of table: Table) throws -> [Row] {
        let folder = try #require(Corpora.folder) + "/v2-to-fhir/segments/"
        let text = try String(contentsOfFile: folder + table.file, encoding: .utf8)
        var out: [Row] = []
        for cells in csv(text).dropFirst(2) where cells.count > 9 && cells[6].isEmpty {
            let name = cells[1].split(separator: "-").map(String.init)
            guard name.count == 2, let field = Int(name[1].trimmingCharacters(in: .whitespaces)) else {
                continue
            }
            let member = String(cells[9].prefix { $0.isLetter })
            let row = Row(field: field, type: cells[3], member: member, segment: table.segment)
            if !member.isEmpty, !out.contains(row) { out.append(row) }
        }
        return out
    }

    private static func csv(_ text: String) -> [[String]] {
        var (rows, row, cell, isQuoted): ([[String]], [String], String, Bool) = ([], [], "", false)
        for character in text.replacing("\r\n", with: "\n").replacing("\"\"", with: "\u{1}") {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                row.append(cell)
                cell = ""
            case "\n" where !isQuoted:
                rows.append(row + [cell])
                (row, cell) = ([], "")
            default: cell.append(character)
            }
        }
        return cell.isEmpty && row.isEmpty ? rows : rows + [row + [cell]]
    }

    /// The member as the resources of that type have it; nil where the message is refused or none has it.
    private static func made(_ table: Table, _ fields: [Int: String], _ member: String) -> String? {
        guard let draft = try? F.draft(table.message(F.segment(table.segment, fields))),
            let contents = try? draft.contents(table.resource)
        else { return nil }
        let found = contents.compactMap { content -> String? in
            let json = try? JSONSerialization.jsonObject(with: Data(content.utf8))
            let members = json as? [String: Any] ?? [:]
            // A choice of types: `value` is `valueString`.
            let name = members.keys.sorted().first { $0 == member || $0.hasPrefix(member + "[x]") }
            // Sorted: a dictionary's own order is another each time.
            return name.flatMap { members[$0] }.flatMap { value in
                (try? JSONSerialization.data(withJSONObject: [value], options: .sortedKeys)).map {
                    String(decoding: $0, as: UTF8.self)
                }
            }
        }
        return found.isEmpty ? nil : found.joined(separator: "\n")
    }

    @Test(arguments: tables) func aFieldBecomesWhatHL7sTableSays(table: Table) throws {
        let rows = try Self.rows(of: table)
        #expect(rows.count > 1)
        var missing: [String] = []
        for row in rows {
            var without = table.fields
            without[row.field] = nil
            var with = table.fields
            with[row.field] = table.samples[row.field] ?? Self.sample(row.type)
            let found = Self.made(table, with, row.member)
            if found == nil || found == Self.made(table, without, row.member) {
                missing.append(row.description)
            }
        }
        let known = Self.departures.flatMap(\.rows).filter { $0.hasPrefix(table.segment + "-") }
        print("\(table): \(rows.count) rows, \(rows.count - missing.count) as the table says")
        #expect(Set(missing) == Set(known), "\(missing)")
    }

    /// What is not made of a field, and why.
    static let departures: [(why: String, rows: [String])] = [
        (
            "made into nothing so far: it stays in the message, as does all that no rule names (clause 11)",
            [
                "PD1-6 extension", "PD1-14 extension", "PID-6 extension", "PID-17 extension",
                "PID-23 extension", "PID-26 extension", "PID-28 extension", "PV2-8 extension",
                "PV2-9 extension", "PV2-38 extension", "PV2-11 length", "PV2-12 text", "DG1-19 extension",
                "DG1-22 extension", "OBX-10 extension", "OBX-19 extension", "OBX-30 extension",
                "OBX-29 category", "PV1-15 hospitalization", "PV1-16 hospitalization",
                "PV1-38 hospitalization", "NK1-20 communication", "PR1-6 category", "PR1-15 reasonCode",
                "PR1-16 code", "AL1-2 type", "NK1-16 birthDate",
            ]
        ),
        (
            "of the United States' numbers and tribes, or of animals",
            [
                "PID-19 identifier", "PID-20 identifier", "PID-35 extension", "PID-36 extension",
                "PID-39 extension", "NK1-37 identifier",
            ]
        ),
        (
            "where PID-3 is empty only (clause 6): what older versions have beside it are numbers of other kinds",
            ["PID-2 identifier", "PID-4 identifier"]
        ),
        (
            "it would be a resource, or a reference to one, of its own: practitioners, organisations, places, devices and episodes stay words in the one that names them (clause 11)",
            [
                "PV1-37 hospitalization", "PV1-52 participant", "PV1-53 episodeOfCare",
                "PV1-54 episodeOfCare", "PV2-1 location", "PV2-13 participant", "PR1-23 location",
                "PR1-25 partOf", "OBX-15 performer", "OBX-18 device", "OBX-25 performer", "OBR-35 performer",
            ]
        ),
        (
            "a second one of what another field has: PV1-19 names the visit, NK1-2 to NK1-6 the person",
            [
                "PV1-50 identifier", "NK1-12 identifier", "NK1-30 name", "NK1-31 telecom", "NK1-32 address",
                "NK1-33 identifier", "NK1-40 telecom", "NK1-41 telecom", "PID-40 telecom",
            ]
        ),
        (
            "DG1-3's own words go before it: it is read where that has none",
            ["DG1-4 code"]
        ),
        (
            "nothing is hidden by a sender's flag: sensitivities are the region's policy",
            ["PV2-22 meta"]
        ),
        (
            "a severity is one of a reaction, which AL1-5 tells; FHIR has none without a manifestation",
            ["AL1-4 reaction"]
        ),
    ]
}
