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
            return try await calls.run { store in
                switch question {
                case .resources(let asked): return try store.resources(asked)
                case .patients(let find): return try store.foundPatients(find, by: caller)
                }
            }
        } catch let refusal as ResourceRefusal { throw FHIRError(refusal) }
    }
}
