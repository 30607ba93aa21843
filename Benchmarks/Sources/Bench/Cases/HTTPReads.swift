import Foundation

/// FHIR reads over HTTP, each with its durable receipt, at `daybook serve` in a process of its own. One thread of wrk asks.
enum HTTPReads {
    static let patients = 200
    static let resources = 50
    static let connections = 64
    static let seconds = 5
    static let rounds = 3
    static let largeResources = 2000

    private static let read = "http.read/plaintext"
    private static let receipt = "http.receipt"
    private static let search = "http.search"
    private static let everything = "http.everything"

    static var benchmark: Benchmark {
        Benchmark(read, receipt + ".p50", receipt + ".p99", search, everything) { run in
            if [read, receipt + ".p50", receipt + ".p99", search].contains(where: run.wants) {
                let served = try ServedPatients(run, patients: patients, resources: resources)
                defer { served.stop(run) }
                run.line(read) { try reads(served) }
                if run.wants(receipt + ".p50") || run.wants(receipt + ".p99") { try receipts(run, served) }
                run.line(search) { try searches(served) }
            }
            run.line(everything) { try whole(run) }
        }
    }

    /// Against a route of the same server that says the same few bytes to everybody.
    private static func reads(_ served: ServedPatients) throws {
        let outcome = try Rounds.interleave(rounds) { round in
            let told = try Wrk.measure(
                served.address, paths: paths { "/fhir/Patient/ZZG01.p\($0)" }, token: served.token,
                connections: connections, seconds: seconds)
            Report.note("    p50 \(told.p50) µs, p99 \(told.p99) µs")
            return told.requestsASecond
        } peer: { round in
            try Wrk.measure(
                served.address, paths: ["/health/live"], token: served.token, connections: connections,
                seconds: seconds
            ).requestsASecond
        }
        Report.ratio(read, daybook: outcome.daybook, peer: outcome.peer, unit: "reads/s")
    }

    private static func paths(_ path: (Int) -> String) -> [String] { (0..<patients).map(path) }

    /// The server's own histogram of how long a receipt takes, from before it is made until it is durable, while 64 ask.
    private static func receipts(_ run: Run, _ served: ServedPatients) throws {
        let before = try served.histogram("daybook_receipt_seconds")
        let told = try Wrk.measure(
            served.address, paths: paths { "/fhir/Patient/ZZG01.p\($0)" }, token: served.token,
            connections: connections, seconds: seconds)
        let after = try served.histogram("daybook_receipt_seconds")
        let unit =
            "µs, of a read's \(Report.plain(told.p50)) (p50) and \(Report.plain(told.p99)) (p99), 64 at once"
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            run.line("\(receipt).\(name)") {
                Report.value(
                    "\(receipt).\(name)", after.quantile(share, since: before) * 1e6, unit: unit)
            }
        }
    }

    private static func searches(_ served: ServedPatients) throws {
        let path = "/fhir/Observation?category=laboratory&patient=ZZG01.p"
        let one = try served.ask(path + "1")
        guard one.contains(#""total":14,"#) else { throw Peer.Failure(description: "\(one.prefix(300))") }
        let spent = try served.program.processorSeconds()
        let told = try Wrk.measure(
            served.address, paths: paths { path + "\($0)" }, token: served.token, connections: connections,
            seconds: seconds)
        let each = (try served.program.processorSeconds() - spent) / told.requests
        Report.value(
            search, told.requestsASecond,
            unit: "searches/s of \(one.utf8.count) bytes; \(Report.plain(each * 1e6)) µs of processor each")
    }

    /// Bytes of body for each second of processor time that the server uses: what one core serves.
    private static func whole(_ run: Run) throws {
        let served = try ServedPatients(run, patients: 1, resources: largeResources)
        defer { served.stop(run) }
        let path = "/fhir/Patient/ZZG01.p0/$everything?_count=5000"
        let one = try served.ask(path)
        guard one.contains(#""total":\#(largeResources),"#) else {
            throw Peer.Failure(description: "\(one.prefix(300))")
        }
        var rates: [Double] = []
        for round in 0...rounds {
            let before = try served.program.processorSeconds()
            let told = try Wrk.measure(
                served.address, paths: [path], token: served.token, connections: 4, seconds: seconds)
            let spent = try served.program.processorSeconds() - before
            let rate = told.requests * Double(one.utf8.count) / 1e6 / spent
            Report.note(
                "  round \(round): \(Report.plain(rate)) MB/s, \(Report.plain(told.requestsASecond)) a second"
            )
            if round > 0 { rates.append(rate) }
        }
        Report.value(
            everything, median(rates), unit: "MB/s of body on one core (\(one.utf8.count) bytes an answer)")
    }
}
