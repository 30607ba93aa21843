extension Identity {
    /// The patient that a name means: the subjects seen of one union, and how many more bear the number.
    struct Patient {
        var subjects: [SubjectName]
        var apart: Int
    }

    func patient(_ name: PatientName) -> Patient? {
        switch name {
        case .subject(let subject):
            let seen = union(of: subject).filter { firstSeen($0) != nil }
            return seen.isEmpty ? nil : Patient(subjects: seen.sorted(), apart: 0)
        case .number(let digits):
            var groups: [(union: Set<SubjectName>, verified: Bool, first: UInt64)] = []
            for subject in seen {
                let bears = numbers(of: subject).filter { $0.digits == digits }
                guard !bears.isEmpty, let first = firstSeen(subject) else { continue }
                let verified = bears.contains { $0.verified }
                let union = union(of: subject)
                if let index = groups.firstIndex(where: { $0.union == union }) {
                    groups[index].verified = groups[index].verified || verified
                    groups[index].first = min(groups[index].first, first)
                } else {
                    groups.append((union, verified, first))
                }
            }
            let best = groups.min {
                $0.verified != $1.verified ? $0.verified : $0.first < $1.first
            }
            guard let best else { return nil }
            return Patient(
                subjects: best.union.filter { firstSeen($0) != nil }.sorted(), apart: groups.count - 1)
        }
    }

    /// The links that a message completes, in the order of their events: own record number first.
    ///
    /// - Parameter identity: everything up to and with the message's own update event.
    func linksCompleted(by message: MessageSpec, at position: UInt64, region: RegionSpec?) -> [(
        SubjectName, SubjectName
    )] {
        guard let subject = message.patient, let said = message.assertion else { return [] }
        var links: [(SubjectName, SubjectName)] = []
        if let other = said.otherRecordNumber {
            let own = SubjectName(organisation: subject.organisation, localID: other)
            if edge(subject, own, .link) == nil { links.append((subject, own)) }
        }
        guard let region, let inForce = assertionInForce(of: subject), inForce.position == position else {
            return links
        }
        var joined = union(of: subject)
        for (_, own) in links { joined.formUnion(union(of: own)) }
        // Carried by the message, and borne still: one that was replaced leads nowhere.
        let carried = said.numbers.filter(\.verified).map(\.digits)
        let verified = numbers(of: subject).filter { $0.verified && carried.contains($0.digits) }.map(
            \.digits)
        for other in seen where !joined.contains(other) {
            guard numbers(of: other).contains(where: { $0.verified && verified.contains($0.digits) }),
                agree(inForce, assertionInForce(of: other), region), edge(subject, other, .link) != false
            else { continue }
            links.append((subject, other))
            joined.formUnion(union(of: other))
        }
        return links
    }

    private func agree(_ a: Assertion, _ b: Assertion?, _ region: RegionSpec) -> Bool {
        guard let b, let birth = a.said.birthDate, birth == b.said.birthDate else { return false }
        return Names.agree(a.said.family, b.said.family, rule: region.familyRule)
            && Names.agree(a.said.given, b.said.given, rule: region.givenRule)
    }
}
