extension Step: CustomStringConvertible {
    /// As a person would type it: files as they stand.
    var description: String {
        switch self {
        case .clock(let by): "clock +\(by) µs"
        case .clockTo(let moment): "clock to \(moment) µs"
        case .region(let spec): "region\n" + spec.yaml
        case .policy(let facts): "policy\n" + FactSpec.yaml(facts)
        case .ingest(let source, let files):
            "ingest \(source)\n"
                + files.joined().map { "\($0.file): \(String(decoding: $0.bytes, as: UTF8.self))\n" }.joined()
        case .ask(let question):
            "ask \(question.user) \(question.role ?? "-") \(question.patient.text) "
                + "\(question.when) known at \(question.knownAt.map { "\($0)" } ?? "-")"
        case .compare(let question, let other):
            "compare \(question.user) \(question.role ?? "-") \(question.patient.text) \(other) \(question.when)"
        case .find(let search): "find-patient \(search)"
        case .review(let seed): "identity review list, and one decided by \(seed)"
        case .reopen: "reopen"
        }
    }
}

extension Asked: CustomStringConvertible {
    var description: String {
        "view --as \(user) --role \(role ?? "-") --patient \(patient.text) --at \(when) --known-at \(knownAt.map { "\($0)" } ?? "-") --purpose \(purpose ?? "-") --case \(caseReference ?? "-")"
    }
}
