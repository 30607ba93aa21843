import Wire

/// The event's body: an object with `fact` (the kind) and the members that are there.
extension PatientFact: Codable {
    private enum Key: String, CodingKey {
        case fact, id, patient, other, org, workgroup, user, relationship, basis, once, outcome, override
        case organisations, categories, item, label, locked, by, `case`, authority, date, oldNumber, newNumber
        case from, to, duration = "for", evidence, reason, recordedBy, byFeed, asserted, spends
    }

    public func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: Key.self)
        try out.encode(kind, forKey: .fact)
        try out.encodeIfPresent(id, forKey: .id)
        try out.encodeIfPresent(patient, forKey: .patient)
        try out.encodeIfPresent(other, forKey: .other)
        try out.encodeIfPresent(org, forKey: .org)
        try out.encodeIfPresent(workgroup, forKey: .workgroup)
        try out.encodeIfPresent(user, forKey: .user)
        try out.encodeIfPresent(relationship, forKey: .relationship)
        try out.encodeIfPresent(permissionBasis, forKey: .basis)
        if once { try out.encode(true, forKey: .once) }
        try out.encodeIfPresent(outcome, forKey: .outcome)
        try out.encodeIfPresent(overrideKind, forKey: .override)
        if !organisations.isEmpty { try out.encode(organisations, forKey: .organisations) }
        if !categories.isEmpty { try out.encode(categories, forKey: .categories) }
        try out.encodeIfPresent(item, forKey: .item)
        try out.encodeIfPresent(label, forKey: .label)
        if locked { try out.encode(true, forKey: .locked) }
        try out.encodeIfPresent(by, forKey: .by)
        try out.encodeIfPresent(caseReference, forKey: .case)
        try out.encodeIfPresent(authority, forKey: .authority)
        try out.encodeIfPresent(date, forKey: .date)
        try out.encodeIfPresent(oldNumber, forKey: .oldNumber)
        try out.encodeIfPresent(newNumber, forKey: .newNumber)
        try out.encodeIfPresent(from, forKey: .from)
        try out.encodeIfPresent(to, forKey: .to)
        try out.encodeIfPresent(duration, forKey: .duration)
        try out.encodeIfPresent(evidence, forKey: .evidence)
        try out.encodeIfPresent(reason, forKey: .reason)
        try out.encodeIfPresent(recordedBy, forKey: .recordedBy)
        if byFeed { try out.encode(true, forKey: .byFeed) }
        try out.encodeIfPresent(asserted, forKey: .asserted)
        try out.encodeIfPresent(spends?.value, forKey: .spends)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(try container.decode(PatientFactKind.self, forKey: .fact))
        func field<Value: Decodable>(_ key: Key) throws -> Value? {
            try container.decodeIfPresent(Value.self, forKey: key)
        }
        id = try field(.id)
        patient = try field(.patient)
        other = try field(.other)
        org = try field(.org)
        workgroup = try field(.workgroup)
        user = try field(.user)
        relationship = try field(.relationship)
        permissionBasis = try field(.basis)
        once = try field(.once) ?? false
        outcome = try field(.outcome)
        overrideKind = try field(.override)
        organisations = try field(.organisations) ?? []
        categories = try field(.categories) ?? []
        item = try field(.item)
        label = try field(.label)
        locked = try field(.locked) ?? false
        by = try field(.by)
        caseReference = try field(.case)
        authority = try field(.authority)
        date = try field(.date)
        oldNumber = try field(.oldNumber)
        newNumber = try field(.newNumber)
        from = try field(.from)
        to = try field(.to)
        duration = try field(.duration)
        evidence = try field(.evidence)
        reason = try field(.reason)
        recordedBy = try field(.recordedBy)
        byFeed = try field(.byFeed) ?? false
        asserted = try field(.asserted)
        let spent: UInt64? = try field(.spends)
        spends = spent.map { Position($0) }
    }

    /// The event's bytes.
    public func json() throws -> [UInt8] { try PolicyJSON.encode(self) }

    public init(json bytes: some Collection<UInt8>) throws {
        self = try PolicyJSON.decode(Self.self, from: bytes)
    }
}
