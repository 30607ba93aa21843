import ArgumentParser
import CareRecord
import Server

struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "All that is held of a patient, before policy. Leaves a receipt.",
        discussion:
            "Content is for whoever has an open case (--case), or owns a store with a simulated clock.")

    @OptionGroup var patient: PatientOption
    @OptionGroup var when: WhenOption
    @OptionGroup var open: CaseOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let request = RecordRequest(
            patient: try patient.reference(), at: try when.when(), caseReference: open.reference,
            asker: actor.asker)
        let answer = try store.withStore(now: try clock.instant()) { try $0.record(request) }
        try store.answer(json: { answer.json }, text: { try AnswerText().render(answer.json) })
        if answer.isRefusal { throw CommandEnd(status: .refused) }
    }
}
