import EventLog
import LogModel
import Seeded

/// Random append calls, each said as the log answered it; the test works out the same calls, and what they must come to.
enum ModelRun {
    static func run(store: String, seed: UInt64, count: Int) throws {
        var log = try TortureLog.open(store)
        TortureLog.arm()
        var model = LogModel()
        var numbers = SplitMix64(seed: seed)
        for step in 0..<count {
            if Int.random(in: 0..<20, using: &numbers) == 0 {
                log.close()
                log = try TortureLog.open(store)
            }
            let append = LogAppend(model, &numbers)
            do {
                let told = LogModel.told(try log.appendAndWait(try append.unit()))
                say("\(step) " + told.joined(separator: "; "))
            } catch {
                say("error \(error)")
                log.close()
                return
            }
            _ = model.apply(append)
        }
        log.close()
    }
}
