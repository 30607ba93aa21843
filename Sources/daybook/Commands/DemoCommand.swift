import ArgumentParser
import Foundation
import Listeners
import Server
import SyntheticRegion

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Make a synthetic region, tell an auditor's story of it, and serve it.",
        discussion: """
            Five years of invented people, their practices, hospitals and councils, on a simulated clock: messages with \
            corrections, duplicates and silences, changes of policy, and accesses with known misuse among them. The same --patients \
            and --seed give the same messages and commands, byte for byte. The plan of the misuse is written beside the store, in \
            STORE.misuse.json, so that what looks for misuse can be scored. Then the region is served on this machine, with log-ins, tokens \
            and requests to try, until Ctrl-C.
            """)

    @Option(help: "Where the store is made, and stays.")
    var store = "./daybook-demo"

    @Option(help: ArgumentHelp("How many patients.", valueName: "n"))
    var patients = SyntheticRegion.defaultPatients

    @Option(help: ArgumentHelp("Another number, another region.", valueName: "number"))
    var seed = SyntheticRegion.defaultSeed

    @Flag(help: "Tell no story.")
    var quiet = false

    @Flag(inversion: .prefixedNo, help: "Serve the region once it is made.")
    var serve = true

    @Option(help: ArgumentHelp("Stop serving by itself after so long.", valueName: "seconds"))
    var serveFor: Int?

    @Option(
        help: ArgumentHelp(
            "Where it is served: an address of this machine alone; port 0 takes any.", valueName: "host:port")
    )
    var http = "127.0.0.1:0"

    func validate() throws {
        guard (1...Person.maximumCount).contains(patients) else {
            throw ValidationError("--patients \(patients): from 1 to \(Person.maximumCount)")
        }
        if store.isEmpty {
            throw ValidationError("--store is empty: name the store's folder, or leave it out")
        }
        if let serveFor, !(1...86_400).contains(serveFor) {
            throw ValidationError("--serve-for \(serveFor): from 1 to 86400 seconds")
        }
        if serveFor != nil, !serve { throw ValidationError("--serve-for and --no-serve: choose one") }
        _ = try endpoint()
    }

    /// Tokens that were printed for all to see open nothing to other machines.
    private func endpoint() throws -> ServeSettings.Endpoint {
        guard let endpoint = ServeSettings.Endpoint(http),
            ["127.0.0.1", "::1", "localhost"].contains(endpoint.host)
        else {
            throw ValidationError(
                "--http '\(http)': 127.0.0.1:PORT or [::1]:PORT; the demo is for this machine")
        }
        return endpoint
    }

    func run() async throws {
        // The story's commands take the store, and its key, from here alone.
        setenv("DAYBOOK_STORE", store, 1)
        unsetenv("DAYBOOK_MASTER_KEY")
        let (made, story) = try make()
        if !quiet { try DemoStory(made: made, story: story, store: store).tell() }
        guard serve else { return }
        try await DemoServing(path: store, story: story, http: try endpoint(), seconds: serveFor).run()
    }

    private func make() throws -> (DemoMaker.Made, Story) {
        try DemoMaker.create(at: store)
        let open = try Store(at: store, options: DemoMaker.options)
        defer { open.close() }
        var maker = DemoMaker(store: open, patients: patients, seed: seed)
        let progress = Progress("making the region")
        defer { progress.finish() }
        while try maker.step() {
            progress.update(UInt64(maker.day), of: UInt64(SyntheticRegion.days), unit: "days")
        }
        let made = maker.made
        let plan = store + ".misuse.json"
        try MisuseFile(maker.misuse, made, patients: patients, seed: seed).write(to: plan)
        Output.write(
            """
            Made \(store): \(Words.count(patients, "patient")), \(maker.users) users, five years from 2017-10-01.
              \(made.messages) messages: \(made.accepted) accepted, \(made.duplicate) already held, \(made.quarantined) quarantined
              \(Words.count(made.regionFiles, "region file")) and \(made.facts) facts about patients' sharing
              \(made.accesses) accesses, \(made.refused) of them refused; \(made.receipts.count) were planted (\(plan))
            The same number and seed give the same messages and commands: \(made.digest.hex)

            """)
        return (made, maker.story)
    }
}
