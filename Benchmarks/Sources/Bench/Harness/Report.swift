import Foundation

/// The lines of a run: one a benchmark, in the form that programs read.
enum Report {
    /// `name/peer daybook=… peer=… ratio=N`, both sides in `unit`, higher is better.
    static func ratio(_ name: String, daybook: Double, peer: Double, unit: String) {
        line("\(name) daybook=\(plain(daybook)) peer=\(plain(peer)) ratio=\(decimal(daybook / peer)) \(unit)")
    }

    /// `name value=N unit`.
    static func value(_ name: String, _ value: Double, unit: String) {
        line("\(name) value=\(plain(value)) \(unit)")
    }

    static func skipped(_ name: String, because reason: String) { line("\(name) skipped: \(reason)") }

    static func failed(_ name: String, _ error: any Error) { line("\(name) failed: \(error)") }

    /// What a person may want to know beside the figures; on standard error, and only when asked for.
    static func note(_ text: @autoclosure () -> String) {
        guard ProcessInfo.processInfo.environment["BENCH_VERBOSE"] != nil else { return }
        FileHandle.standardError.write(Data((text() + "\n").utf8))
    }

    private static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    static func plain(_ value: Double) -> String {
        value.magnitude >= 100 ? String(format: "%.0f", value) : String(format: "%.3f", value)
    }

    static func decimal(_ value: Double) -> String { String(format: "%.3f", value) }
}
