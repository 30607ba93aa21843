import EventLog
import Intake
import Projections
import Wire

/// What became of a message that waits for its answer.
public enum DoorOutcome: Sendable {
    /// It is durable, since now or since before.
    case stored(Position)
    /// It is durable in quarantine, under the id of that position.
    case quarantined(Position, IntakeReject)
}

extension Store {
    /// Takes messages that each wait for an answer, of any sources, in one unit where that can be.
    ///
    /// - Parameters:
    ///   - inputs: each is one message, whatever it holds: one answer tells of one. Each says its source and has a ticket of its own.
    ///   - told: what became of the message with that ticket, as soon as it is known: each once before this returns.
    public func take(_ inputs: [IngestInput], told: (Int, Result<DoorOutcome, DoorFailure>) -> Void) {
        intake.lock()
        defer { intake.unlock() }
        var open = Set(inputs.map(\.ticket))
        func tell(_ ticket: Int, _ answer: Result<DoorOutcome, DoorFailure>) {
            if open.remove(ticket) != nil { told(ticket, answer) }
        }
        do throws(StoreError) {
            let readers = try currentReaders()
            var listed: [IngestInput] = []
            for var input in inputs {
                guard let source = input.source, readers.sources[source] != nil else {
                    let unlisted = Self.unlisted(input.source ?? "", readers.codes)
                    tell(input.ticket, .failure(DoorFailure(unlisted)))
                    continue
                }
                input.isOneMessage = true
                listed.append(input)
            }
            guard let first = listed.first?.source, let reader = readers.sources[first]?.reader else {
                return
            }
            var pipeline = IngestPipeline(store: self, reader: reader, readers: readers, progress: nil)
            pipeline.letsOthersBetween = true
            _ = try pipeline.run(listed) { message, fate throws(StoreError) in
                switch fate {
                case .taken(let position, _): tell(message.ticket, .success(.stored(position)))
                case .quarantined(let position, let reject, _):
                    tell(message.ticket, .success(.quarantined(position, reject)))
                case .unknown(let error): tell(message.ticket, .failure(.unknown("\(error)")))
                }
            }
        } catch { for ticket in open.sorted() { tell(ticket, .failure(DoorFailure(error))) } }
        for ticket in open.sorted() { tell(ticket, .failure(.notTaken("its turn never came"))) }
    }
}
