/// What a viewer sees of a patient, item by item, before anything is told of it: what `diff` compares.
extension ViewModel {
    struct Sight: Equatable {
        struct Key: Hashable {
            /// `Type/id` within Daybook.
            var reference: String
            var category: String
        }

        var whole: Verdict
        var items: [Key: Verdict] = [:]
        var hidesLocation = false

        var shown: Set<Key> { Set(items.filter(\.value.permit).keys) }
    }

    /// nil where a role must be chosen.
    func sight(_ asked: Asked) -> Sight? {
        let asOf = AsOf(asked.when, events: events, clock: clock)
        let known = Array(events.prefix(Int(asOf.position)))
        let region = RegionAsOf(events: known, at: asOf.instant)
        let viewer: ViewerDecision.Viewer
        switch ViewerDecision.decide(asked, region: region) {
        case .usage: return nil
        case .withheld(let verdict): return Sight(whole: verdict)
        case .admitted(let admitted): viewer = admitted
        }
        guard let region else { return nil }
        let patient = Identity(events: known, placeholders: region.last.placeholders).patient(asked.patient)
        let rules = PatientRulesAsOf(
            facts: facts(asked, known), region: region.spec, viewer: viewer, instant: asOf.instant)
        if let (verdict, _) = concealed(rules, asked) { return Sight(whole: verdict) }
        guard whole(rules).permit, patient != nil else { return Sight(whole: rules.relationship) }
        let decision = ItemDecision(region: region, viewer: viewer, rules: rules)
        var sight = Sight(whole: whole(rules))
        sight.hidesLocation = rules.isLocationHidden
        let items = held(patient, known)
        for item in items where item.operation == .upsert {
            let (category, verdict, _) = decision.decide(item, among: items)
            sight.items[Sight.Key(reference: "\(item.type)/\(item.daybookID)", category: category)] = verdict
        }
        return sight
    }

    /// As if these events had never been; of a region file, none of it.
    func without(_ positions: [UInt64]) -> ViewModel {
        var left = events
        for position in positions {
            let event = events[Int(position) - 1]
            for at in event.batchFirst...event.batchLast {
                if case .region = left[Int(at) - 1].what { left[Int(at) - 1].what = .nothing }
            }
            left[Int(position) - 1].what = .nothing
        }
        return ViewModel(events: left, clock: clock)
    }

    /// What may say the same as these events, each set of events by itself: updates of the same instant, which may bring the same item; of
    /// a region file, the one before it, and those after it.
    func alike(_ positions: [UInt64]) -> [[UInt64]] {
        var (before, after): ([UInt64], [UInt64]) = ([], [])
        for position in positions {
            let event = events[Int(position) - 1]
            let batch = events[Int(event.batchFirst) - 1..<Int(event.batchLast)]
            if batch.contains(where: \.isRegion) {
                before +=
                    events.last { $0.isRegion && $0.position < event.batchFirst }.map { [$0.position] } ?? []
                after += events.filter { $0.isRegion && $0.position > event.batchLast }.map(\.position)
            } else {
                before += events.filter { $0.isUpdate && $0.time == event.time && $0.position != position }
                    .map(\.position)
            }
        }
        return [before, after].filter { !$0.isEmpty }
    }
}

extension ViewModel {
    /// Whether where the patient is is hidden from the viewer at some moment of a span. That can only begin with the span, with something
    /// recorded, or with a day.
    func hidesLocation(_ asked: Asked, from start: Int64, to end: Int64) -> Bool {
        var moments = [start, end] + events.map(\.time)
        var day = LondonCalendar.day(of: start)
        while LondonCalendar.start(of: day) <= end {
            moments.append(LondonCalendar.start(of: day))
            day = LondonCalendar.adding(1, to: day)
        }
        return moments.contains { moment in
            guard moment >= start, moment <= end else { return false }
            var at = asked
            at.when = .instant(moment)
            return sight(at)?.hidesLocation ?? false
        }
    }
}
