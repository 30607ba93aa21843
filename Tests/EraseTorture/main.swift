// Erases a patient, and kills itself after a step: erase-torture STORE PATIENT STEP. The test then opens the store.
// Or writes until it is killed, and says where: erase-torture STORE.
import CareRecord
@_spi(Torture) import EventLog
import Foundation
@_spi(Torture) import Server

let arguments = CommandLine.arguments
if arguments.count == 2 {
    let store = try Store(at: arguments[1])
    // Each look at the trail is a receipt.
    while true {
        _ = try store.accesses(TrailRequest(count: 1, asker: Asker(systemUser: "tester")))
        FileHandle.standardOutput.write(Data("\(store.log.headPosition.value)\n".utf8))
    }
}
guard arguments.count == 4, let patient = PatientReference(arguments[2]),
    let fatal = ErasureStep(rawValue: arguments[3])
else {
    print("usage: erase-torture STORE [PATIENT STEP]")
    exit(2)
}
let store = try Store(at: arguments[1])
store.afterErasureSteps { step in
    if step == fatal { kill(getpid(), SIGKILL) }
}
_ = try store.erase(
    ErasureRequest(
        patient: patient, authority: "court order KB-2018-7", approvedBy: ["privacy-1", "guardian-1"],
        asker: Asker(systemUser: "tester")))
store.close()
