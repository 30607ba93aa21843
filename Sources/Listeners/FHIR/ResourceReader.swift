import Hummingbird
import Server

/// Answers what an address asks to read.
struct ResourceReader {
    let calls: StoreCalls
    /// Where links lead: `http://HOST:PORT/fhir`.
    let base: @Sendable () -> String

    /// - Throws: `FHIRError`; whatever the store could not answer.
    func answer(
        _ address: ReadAddress, _ query: String, _ request: Request, _ context: ServerContext
    ) async throws -> ResourceAnswer {
        let caller = try context.authenticated()
        let read = try FHIRQuery(query, context: context, request)
        let question = try address.question(read, caller, base: base())
        do {
            switch question {
            case .resources(let asked):
                do { return try await resources(asked) } catch let found as ResourceRefusal {
                    guard case .nobody = found.kind else { throw found }
                    return found.nobody(asked)
                }
            case .patients(let find): return try await calls.run { try $0.foundPatients(find, by: caller) }
            case .trail(let query): return try await calls.run { try $0.auditEvents(query) }
            }
        } catch let refusal as ResourceRefusal { throw FHIRError(refusal) }
    }

    /// Decided where calls into the store compute; that the receipt is durable is waited for by the task, without a thread.
    private func resources(_ asked: ResourceRequest) async throws -> ResourceAnswer {
        do {
            for _ in 0..<Store.maximumDecisions {
                switch try await calls.run({ try $0.begun(asked) }) {
                case .answered(let answer): return answer
                case .waiting(let pending):
                    if let answer = try await calls.store.finished(pending) { return answer }
                case nil: break
                }
            }
            throw Store.keptMoving
        } catch let error as StoreError {
            throw try await calls.run { try $0.failed(error, asked) }
        }
    }
}
