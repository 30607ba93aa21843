import Foundation
import Intake
import Server
import SyntheticRegion

/// The plan of the planted misuse, as JSON: kept beside the store, never in it.
struct MisuseFile {
    private let bytes: [UInt8]

    init(_ plan: MisusePlan, _ made: DemoMaker.Made, patients: Int, seed: UInt64) {
        var w = JSONWriter(capacity: 1 << 16)
        w.object { w in
            w.member("patients", patients)
            w.member("seed", seed)
            w.key("watched")
            w.array { w in for number in plan.watched { w.string(number) } }
            w.key("staff")
            w.array { w in
                for (user, patient) in plan.staff {
                    w.object { w in
                        w.member("user", user)
                        w.member("patient", patient)
                    }
                }
            }
            w.key("misuse")
            w.array { w in for one in plan.misuse { Self.write(one, made.receipts[one.id], into: &w) } }
        }
        bytes = w.finish()
    }

    private static func write(_ one: Misuse, _ receipt: DemoMaker.Made.Receipt?, into w: inout JSONWriter) {
        w.object { w in
            w.member("id", one.id)
            w.member("kind", one.kind.rawValue)
            w.member("user", one.user)
            w.member("patient", one.patient)
            w.member("time", (receipt?.time ?? one.time).rfc3339)
            w.member("means", one.means.rawValue)
            w.member("note", one.note)
            if let receipt {
                w.member("receipt", receipt.position.value)
                w.member("outcome", receipt.permitted ? "permit" : "withhold")
            }
        }
    }

    /// - Throws: `CommandFailure`: trouble.
    func write(to path: String) throws {
        do { try Data(bytes + [0x0A]).write(to: URL(filePath: path)) } catch {
            throw CommandFailure(
                status: .trouble, message: "\(path): cannot be written: \(error.localizedDescription)")
        }
    }
}
