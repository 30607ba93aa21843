import Foundation
import Testing

/// A store with the sample region, the patient's sharing facts, and the practice's and the hospital's messages.
struct DemoStore {
    static let patient = "9990177015"
    static let day = "2018-02-05"
    let scratch: Scratch
    var path: String { scratch.path("store") }

    /// - Parameter filled: false for a store that was only just made.
    init(filled: Bool = true) throws {
        scratch = try Scratch()
        try expect(0, "init", "--simulated-clock")
        guard filled else { return }
        try expect(0, "region", "apply", "samples/region.yaml", "--now", "2018-01-08T09:00:00Z")
        try expect(0, "policy", "record", "samples/sharing.yaml", "--now", "2018-01-29T16:00:00Z")
        try expect(0, "ingest", "--source", "ZZG01", "samples/practice", "--now", "2018-02-01T08:00:00Z")
        try expect(0, "ingest", "--source", "ZZH01", "samples/hospital", "--now", "\(Self.day)T14:00:00Z")
    }

    /// A view by Dr Rowan as JSON, and where its receipt is.
    func viewed() throws -> (view: Command, position: Int) {
        let view = try expect(
            0, "view", "--as", "dr-rowan", "--patient", Self.patient, "--now", "\(Self.day)T14:30:00Z",
            "--format", "json")
        let receipt = try #require(try view.json()["receipt"] as? [String: Any])
        return (view, try #require(receipt["position"] as? Int))
    }

    func run(_ arguments: String..., input: String = "") throws -> Command {
        try Command.run(arguments, store: path, input: input)
    }

    /// Runs a command that is to end with that status, and fails the test with what it said where it does not.
    @discardableResult
    func expect(
        _ status: Int32, _ arguments: String..., input: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Command {
        let done = try Command.run(arguments, store: path, input: input)
        #expect(
            done.status == status, "daybook \(arguments.joined(separator: " "))\n\(done.out)\(done.err)",
            sourceLocation: sourceLocation)
        return done
    }
}
