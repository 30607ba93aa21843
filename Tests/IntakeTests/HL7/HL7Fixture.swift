import CareRecord
import Intake
import Testing

/// Messages made of fields by their numbers in the standard, so that a test says which is which.
enum HL7Fixture {
    static let hospital = HL7Intake(source: "RBD", digest: IntakeFixture.digest)

    static func segment(_ name: String, _ fields: [Int: String]) -> String {
        let last = fields.keys.max() ?? 0
        return ([name] + (1...max(1, last)).map { fields[$0] ?? "" }).joined(separator: "|")
    }

    static func message(
        _ type: String, id: String = "M1", at time: String = "20180201093000", _ segments: [String]
    ) -> [UInt8] {
        let header = "MSH|^~\\&|PAS|RBD|DCR|DORSET|\(time)||\(type)|\(id)|P|2.4"
        return Array(([header] + segments).joined(separator: "\r").utf8) + [0x0D]
    }

    /// PID-3, PID-5, PID-7 and PID-8 of Ann Smith, and what else is given.
    static func pid(_ more: [Int: String] = [:]) -> String {
        segment(
            "PID",
            [1: "1", 3: "H100^^^RBD^MR", 5: "SMITH^ANN^^^MRS^^L", 7: "19700101", 8: "2"].merging(more) { $1 })
    }

    static func pv1(_ more: [Int: String] = [:]) -> String {
        segment(
            "PV1",
            [1: "1", 2: "I", 3: "WARD1^BAY2^BED3", 19: "V500^^^RBD^VN", 44: "20180201091500"].merging(more) {
                $1
            })
    }

    static func adt(
        _ event: String, id: String = "M1", at time: String = "20180201093000", pid: String = pid(),
        pv1: String? = pv1(), _ more: [String] = []
    ) -> [UInt8] {
        message(
            "ADT^\(event)", id: id, at: time, ["EVN|\(event)|\(time)", pid] + [pv1].compactMap(\.self) + more)
    }

    static func draft(_ bytes: [UInt8]) throws -> MessageDraft { try hospital.message(bytes).get() }

    static func reject(_ bytes: [UInt8]) throws -> IntakeReject {
        switch hospital.message(bytes) {
        case .success: throw IntakeFixture.NotRejected()
        case .failure(let reject): reject
        }
    }
}

extension MessageDraft {
    /// The JSON of every item of the type.
    func contents(_ type: String) throws -> [String] {
        try items.filter { $0.meta.type == type }.map {
            String(decoding: try $0.bytes(of: raw), as: UTF8.self)
        }
    }
}
