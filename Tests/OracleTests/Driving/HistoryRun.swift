/// Plays a history against the store and the oracle side by side, and stops where they part.
struct HistoryRun {
    struct Failure: Error, CustomStringConvertible {
        var step: Int
        var description: String
    }

    let history: History
    var prediction = Prediction()
    private(set) var asked: [(asked: Asked, expected: ExpectedView)] = []
    /// The bodies of final answers, to be asked for again.
    private(set) var finals: [(asked: Asked, body: JSONTree)] = []
    /// Differences asked, the changes they told, and the causes that were tried.
    private(set) var differences = (asked: 0, changes: 0, causes: 0)
    private(set) var clock: Int64
    var store: any SystemUnderTest
    var reasons = Reasons()
    var reviews = Reviews()
    /// Questions under a case: answered, answered with more than without it, and refused.
    private(set) var cases = (answered: 0, toldMore: 0, refused: 0)
    /// Searches, by what they came to.
    var searches: [String: Int] = [:]
    var found = 0
    /// Hospital messages taken, by what they are, and facts that parted or joined people or gave a visit away.
    private(set) var messages: [String: Int] = [:]

    init(_ history: History, on store: any SystemUnderTest) throws {
        self.history = history
        self.store = store
        clock = history.start
        try store.setClock(clock)
        for header in try store.headers(after: 0) { prediction.other(time: header.time) }
    }

    mutating func play(upTo count: Int? = nil) throws {
        for (index, step) in history.steps.prefix(count ?? .max).enumerated() {
            do { try play(step) } catch let failure as JSONTree.ParseError {
                throw Failure(step: index, description: "\(failure)")
            } catch { throw Failure(step: index, description: "\(error)") }
        }
    }

    private mutating func play(_ step: Step) throws {
        switch step {
        case .clock(let by): try move(to: clock + by)
        case .clockTo(let moment): try move(to: max(clock, moment))
        case .reopen: try store.reopen()
        case .region(let spec): try apply(spec)
        case .policy(let facts):
            let before = try store.head()
            try store.record(facts)
            let (time, keys) = try expect(Prediction.recordClasses(of: facts), after: before)
            prediction.record(facts, keys: keys, time: time)
        case .ingest(let source, let files): try ingest(source, files)
        case .ask(let question):
            let asked = Asked(question, events: prediction.events)
            try ask(asked)
            // Beside every other view what is held, and why it is shown.
            if self.asked.count.isMultiple(of: 2) || asked.caseReference != nil {
                try record(asked)
                try explain(asked)
            }
        case .find(let search): try find(search)
        case .review(let seed): try review(seed)
        case .compare(let question, let other):
            var (from, to) = (question, question)
            from.when = other
            if AsOf(Asked(from, events: prediction.events).when, events: prediction.events, clock: clock)
                .instant
                > AsOf(Asked(to, events: prediction.events).when, events: prediction.events, clock: clock)
                .instant
            {
                swap(&from, &to)
            }
            try compare(Asked(from, events: prediction.events), Asked(to, events: prediction.events))
        }
    }

    private mutating func move(to moment: Int64) throws {
        clock = max(moment, (prediction.events.last?.time ?? 0) + 1)
        try store.setClock(clock)
    }

    private mutating func apply(_ spec: RegionSpec) throws {
        let before = try store.head()
        let facts = try store.apply(spec)
        let headers = try store.headers(after: before)
        guard headers.allSatisfy({ $0.recordClass == Prediction.Class.regionFact }) else {
            throw Problem("records of other classes than region facts: \(headers.map(\.recordClass))")
        }
        if headers.isEmpty != (prediction.region.map { $0.inEffect == spec.inEffect } ?? false) {
            throw Problem(
                "a file that \(headers.isEmpty ? "changes" : "does not change") anything: \(headers.count)")
        }
        prediction.apply(spec, facts: facts, count: headers.count, time: headers.first?.time ?? 0)
    }

    private mutating func ingest(_ source: String, _ files: [[MessageSpec]]) throws {
        let before = try store.head()
        let summary = try store.ingest(source: source, files: files)
        var headers = try store.headers(after: before)[...]
        var expected = Ingested()
        for file in files {
            for (index, message) in file.enumerated() {
                expected.messages += 1
                let line = file.count > 1 ? index + 1 : nil
                guard !prediction.isDuplicate(message, line: line) else {
                    expected.duplicate += 1
                    continue
                }
                if message.fate == .taken { expected.accepted += 1 } else { expected.quarantined += 1 }
                guard let first = headers.first else { throw Problem("no record of \(message.file)") }
                let batch = headers.prefix { $0.batchFirst == first.position }
                headers = headers.dropFirst(batch.count)
                let keys = Self.keys(batch)
                let classes = prediction.take(message, line: line, keys: keys, time: first.time)
                if message.isHL7 { count(message, classes) }
                let found = batch.dropLast(keys).map(\.recordClass)
                let bounds = batch.allSatisfy { $0.batchLast == first.position + UInt64(batch.count) - 1 }
                if found != classes || !bounds {
                    let facts = batch.compactMap { (store as? StoreUnderTest)?.identityFact(at: $0.position) }
                    throw Problem(
                        "\(message.file): expected records of classes \(classes), found \(found), \(bounds) \(facts)"
                    )
                }
            }
        }
        if !headers.isEmpty { throw Problem("\(headers.count) records more than expected") }
        if summary != expected { throw Problem("ingest counted \(summary), expected \(expected)") }
    }

    private mutating func count(_ message: MessageSpec, _ classes: [UInt8]) {
        let kind = String(decoding: message.bytes.prefix(160), as: UTF8.self).split(separator: "|")
            .first { $0.contains("^A") || $0.contains("^R") }
        messages[kind.map(String.init) ?? "none", default: 0] += 1
        let moved = classes.dropFirst().contains(Prediction.Class.sourceUpdate) && !message.namesTwo
        if moved { messages["that took an item from another patient", default: 0] += 1 }
        if classes.contains(Prediction.Class.alert) { messages["that parted two", default: 0] += 1 }
        for event in prediction.events.suffix(classes.count + 1) {
            guard case .fact(let fact) = event.what, !fact.pair.isEmpty else { continue }
            messages["fact: \(fact.kind.rawValue)", default: 0] += 1
        }
    }

    private mutating func ask(_ asked: Asked) throws {
        let before = try store.head()
        let answer = ViewModel(events: prediction.events, clock: storeClock).answer(asked)
        let bytes: [UInt8]?
        do { bytes = try store.view(asked) } catch is SurvivingStore.AnswerLost {
            guard case .view(let expected) = answer else { throw Problem("\(asked): a receipt of \(answer)") }
            // The log knows of an access whose answer nobody got: it is asked again.
            try took(receiptOf: expected, asked, after: before)
            return try ask(asked)
        }
        guard case .view(let expected) = answer, let bytes else {
            let isRefused = if case .refused = answer { true } else { false }
            let isUsage = if case .usage = answer { true } else { false }
            if isRefused { cases.refused += 1 }
            if isRefused || isUsage, bytes == nil, try store.head() == before { return }
            throw Problem("\(asked): usage \(bytes == nil), expected \(answer)")
        }
        let answered = try AnsweredView(bytes)
        let differences = Disagreement.between(expected, answered.view)
        if !differences.isEmpty {
            throw Problem("\(asked):\n  " + differences.joined(separator: "\n  "))
        }
        try took(receiptOf: expected, asked, after: before)
        if answered.receipt != before + 1 {
            throw Problem("receipt at \(answered.receipt ?? 0), not \(before + 1)")
        }
        self.asked.append((asked, expected))
        count(underCase: asked, expected)
        // A case may be over when it is asked again.
        if expected.final, asked.caseReference == nil { finals.append((asked, answered.body)) }
    }

    private mutating func count(underCase asked: Asked, _ told: ExpectedView) {
        guard asked.caseReference != nil else { return }
        cases.answered += 1
        var plain = asked
        plain.caseReference = nil
        if case .view(let without) = ViewModel(events: prediction.events, clock: storeClock).answer(plain) {
            let rules = Set((without.withheld ?? []).map(\.rule)).union([without.rule])
            let hidden = Set((told.withheld ?? []).map(\.rule)).union([told.rule]).subtracting(rules)
            if !hidden.isDisjoint(with: ["seal", "exclusion-set", "staff-exclusion", "shield"]) {
                cases.toldMore += 1
            }
        }
    }

    private mutating func compare(_ from: Asked, _ to: Asked) throws {
        let (start, end) = (Self.instant(from.when), Self.instant(to.when))
        let before = try store.head()
        let model = ViewModel(events: prediction.events, clock: storeClock)
        let bytes: [UInt8]?
        do { bytes = try store.diff(to, from: start, to: end) } catch is SurvivingStore.AnswerLost {
            try tookDifference(after: before)
            return try compare(from, to)
        }
        guard let bytes else {
            // Only where, at some moment of it, where somebody is is told to nobody.
            guard model.hidesLocation(to, from: start, to: end), try store.head() == before else {
                throw Problem("difference \(from) … \(to): refused")
            }
            return
        }
        var difference = try ComparedDifference(bytes, to, from: start, to: end, model)
        let problems = difference.problems()
        if !problems.isEmpty {
            throw Problem("difference from \(from.when), \(to):\n  " + problems.joined(separator: "\n  "))
        }
        try tookDifference(after: before)
        differences.asked += 1
        differences.changes += difference.count
        differences.causes += difference.causesTried
    }

    private mutating func tookDifference(after position: UInt64) throws {
        let (time, keys) = try expect([Prediction.Class.receipt], after: position)
        prediction.receipt(spent: [], alerts: 0, keys: keys, time: time)
    }

    private static func instant(_ when: Asked.When) -> Int64 {
        if case .instant(let instant) = when { instant } else { 0 }
    }

    /// The receipt that an answer left, with the alert of an access that shows where a shielded patient is.
    private mutating func took(receiptOf expected: ExpectedView, _ asked: Asked, after position: UInt64)
        throws
    {
        let isActual = asked.when == .none
        let alerts = isActual && expected.shield == "location-shown" ? 1 : 0
        let classes = [Prediction.Class.receipt] + Array(repeating: Prediction.Class.alert, count: alerts)
        let (time, keys) = try expect(classes, after: position)
        prediction.receipt(spent: isActual ? expected.spends : [], alerts: alerts, keys: keys, time: time)
    }

    /// Where the clock of a simulated store stands: as told, and never before its newest record.
    var storeClock: Int64 { max(clock, (prediction.events.last?.time ?? 0) + 1) }

    /// The records after a position must be one batch of these classes, but for those at its end that name keys.
    func expect(_ classes: [UInt8], after position: UInt64) throws -> (time: Int64, keys: Int) {
        let headers = try store.headers(after: position)
        let keys = Self.keys(headers[...])
        guard headers.dropLast(keys).map(\.recordClass) == classes, let time = headers.first?.time else {
            throw Problem("expected records of classes \(classes), found \(headers.map(\.recordClass))")
        }
        return (time, keys)
    }

    private static func keys(_ batch: ArraySlice<SystemUnderTest.Header>) -> Int {
        batch.reversed().prefix { $0.recordClass == Prediction.Class.housekeeping }.count
    }
}

/// What went wrong, in words.
struct Problem: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
