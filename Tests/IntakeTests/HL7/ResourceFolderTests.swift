import CareRecord
import Foundation
import HL7
import Intake
import Testing

/// Writes every resource made of the messages at hand into the folder that `DAYBOOK_RESOURCES` names, one file each, for a validator
/// of FHIR to read (tools/validate-fhir).
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_RESOURCES"] != nil))
struct ResourceFolderTests {
    @Test func writeResources() throws {
        let folder = URL(filePath: ProcessInfo.processInfo.environment["DAYBOOK_RESOURCES"] ?? "")
        var messages = try HL7IntakeFuzzTests.seeds("intake")
        if Corpora.folder != nil { messages += try HL7CorporaTests.files() }
        var written = 0
        for (name, bytes) in messages {
            for range in HL7File(bytes).messages {
                guard case .success(let draft) = HL7CorporaTests.intake.message(Array(bytes[range])) else {
                    continue
                }
                for item in draft.items {
                    let file = "\(name)-\(written)-\(item.meta.type).json"
                    try Data(item.bytes(of: draft.raw)).write(to: folder.appending(path: file))
                    written += 1
                }
            }
        }
        #expect(written > 0)
    }
}
