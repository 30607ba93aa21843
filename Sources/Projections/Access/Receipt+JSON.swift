import EventLog
import Intake
import Wire

/// A receipt as it stands in the log: JSON with these members, in this order, absent where there is nothing to say.
extension Receipt {
    public var json: [UInt8] {
        var w = JSONWriter(capacity: 1024)
        write(into: &w)
        return w.finish()
    }

    public func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("v", 1)
            w.member("kind", kind.rawValue)
            w.member("question", question.rawValue)
            if let viewer {
                w.key("viewer")
                viewer.write(into: &w)
            }
            w.member("operator", ifPresent: operatorUser)
            w.member("systemUser", systemUser)
            w.member("purpose", ifPresent: purpose)
            w.member("case", ifPresent: caseID)
            w.member("position", position.value)
            w.member("instant", instant.rfc3339)
            w.member("final", isFinal)
            if let known { w.member("known", known.value) }
            w.member("policy", policy.value)
            w.member("renderer", renderer)
            w.member("outcome", permitted ? "permit" : "withhold")
            w.member("rule", rule)
            w.member("basis", basis)
            w.member("shown", shown)
            w.member("withheld", withheld)
            w.key("sources")
            w.array { w in for source in sources { w.string(source) } }
            w.key("subjects")
            w.array { w in for subject in subjects { w.string(subject.description) } }
            w.member("items", items.hex)
            w.member("body", body.hex)
            if !overrides.isEmpty { w.member("overrides", overrides) }
            w.member("query", ifPresent: query)
            if let call {
                w.key("call")
                call.write(into: &w)
            }
            if let earlier {
                w.key("earlier")
                earlier.write(into: &w)
            }
            guard !spends.isEmpty else { return }
            w.key("spends")
            w.array { w in
                for spent in spends {
                    w.object { w in
                        w.member("permission", spent.permission.value)
                        w.member("under", spent.under.description)
                    }
                }
            }
        }
    }

    /// - Throws: `ProjectionError.damaged` where the bytes are no receipt.
    public init(json bytes: [UInt8]) throws(ProjectionError) {
        let root: JSONCursor
        do throws(JSONError) { root = try JSONDocument(bytes).root } catch {
            throw ProjectionError.damaged(what: "receipt: " + "\(error)")
        }
        guard root["v"]?.int == 1, let kind = root["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let question = root["question"]?.string.flatMap(Question.init(rawValue:)),
            let position = root.position("position"), let policy = root.position("policy"),
            let instant = root["instant"]?.string.flatMap({ Instant(rfc3339: $0) }),
            let items = root["items"]?.string.flatMap({ Digest(hex: $0) }),
            let body = root["body"]?.string.flatMap({ Digest(hex: $0) })
        else { throw ProjectionError.damaged(what: "receipt: " + "a member is missing or of the wrong kind") }
        self.init(
            kind: kind, question: question, viewer: root["viewer"].map(Person.init(json:)),
            operatorUser: root["operator"]?.string, systemUser: root["systemUser"]?.string ?? "",
            purpose: root["purpose"]?.string, caseID: root["case"]?.string, position: position,
            instant: instant,
            isFinal: root["final"]?.bool ?? false, policy: policy,
            permitted: root["outcome"]?.string == "permit",
            rule: root["rule"]?.string ?? "", basis: root.positions("basis"), shown: root["shown"]?.int ?? 0,
            withheld: root["withheld"]?.int ?? 0,
            sources: root["sources"]?.elements.compactMap(\.string) ?? [],
            subjects: root["subjects"]?.elements.compactMap { $0.string.flatMap(StreamToken.init(hex:)) }
                ?? [],
            items: items, body: body, spends: root["spends"]?.elements.compactMap(Spent.init(json:)) ?? [],
            renderer: root["renderer"]?.int ?? 1)
        known = root.position("known")
        overrides = root.positions("overrides")
        call = root["call"].map(Call.init(json:))
        earlier = root["earlier"].flatMap(Earlier.init(json:))
        query = root["query"]?.string
    }
}

extension Receipt.Call {
    func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("client", ifPresent: client)
            w.member("trace", trace)
            w.member("sequence", ifPresent: sequence)
            if let unrecorded { w.member("unrecorded", unrecorded) }
        }
    }

    init(json: JSONCursor) {
        self.init(
            client: json["client"]?.string, trace: json["trace"]?.string ?? "",
            sequence: json["sequence"]?.string, unrecorded: json["unrecorded"]?.int)
    }
}

extension Receipt.Earlier {
    public func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("position", position.value)
            w.member("instant", instant.rfc3339)
            w.member("outcome", permitted ? "permit" : "withhold")
            w.member("rule", rule)
            w.member("basis", basis)
        }
    }

    init?(json: JSONCursor) {
        guard let position = json.position("position"),
            let instant = json["instant"]?.string.flatMap({ Instant(rfc3339: $0) })
        else { return nil }
        self.init(
            position: position, instant: instant, permitted: json["outcome"]?.string == "permit",
            rule: json["rule"]?.string ?? "", basis: json.positions("basis"))
    }
}

extension Receipt.Person {
    public func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("user", user)
            w.member("name", ifPresent: name)
            w.member("profile", ifPresent: profile)
            w.member("role", ifPresent: role)
            w.member("roleName", ifPresent: roleName)
            w.member("organisation", ifPresent: organisation)
            w.member("organisationName", ifPresent: organisationName)
            guard !workgroups.isEmpty else { return }
            w.key("workgroups")
            w.array { w in for workgroup in workgroups { w.string(workgroup) } }
        }
    }

    init(json: JSONCursor) {
        self.init(
            user: json["user"]?.string ?? "", name: json["name"]?.string, profile: json["profile"]?.string,
            role: json["role"]?.string, roleName: json["roleName"]?.string,
            organisation: json["organisation"]?.string, organisationName: json["organisationName"]?.string,
            workgroups: json["workgroups"]?.elements.compactMap(\.string) ?? [])
    }
}

extension Receipt.Spent {
    init?(json: JSONCursor) {
        guard let permission = json.position("permission"),
            let under = json["under"]?.string.flatMap(StreamToken.init(hex:))
        else { return nil }
        self.init(permission: permission, under: under)
    }
}

/// The patient's part, likewise.
extension ReceiptDetail {
    public var json: [UInt8] {
        var w = JSONWriter(capacity: 256 + items.count * 96)
        w.object { w in
            w.member("v", 1)
            w.member("patient", patient)
            w.member("query", query)
            w.member("itemsSalt", Hex.encode(itemsSalt))
            w.member("bodySalt", Hex.encode(bodySalt))
            w.key("items")
            w.array { w in for item in items { item.write(into: &w) } }
            if let digested { w.member("digested", digested) }
            w.key("withheld")
            w.array { w in for entry in withheld { entry.write(into: &w) } }
            if !concealed.isEmpty {
                w.key("concealed")
                w.array { w in for entry in concealed { entry.write(into: &w) } }
            }
            guard let decided else { return }
            w.key("decided")
            w.object { w in
                w.member("rule", decided.rule)
                w.member("basis", decided.basis)
            }
        }
        return w.finish()
    }

    /// - Throws: `ProjectionError.damaged` where the bytes are no receipt's detail.
    public init(json bytes: [UInt8]) throws(ProjectionError) {
        let root: JSONCursor
        do throws(JSONError) { root = try JSONDocument(bytes).root } catch {
            throw ProjectionError.damaged(what: "receipt: " + "\(error)")
        }
        guard root["v"]?.int == 1, let patient = root["patient"]?.string, let query = root["query"]?.string,
            let itemsSalt = root["itemsSalt"]?.string.flatMap(Hex.decode),
            let bodySalt = root["bodySalt"]?.string.flatMap(Hex.decode)
        else { throw ProjectionError.damaged(what: "receipt: " + "a member of the detail is missing") }
        self.init(
            patient: patient, query: query, itemsSalt: itemsSalt, bodySalt: bodySalt,
            items: root["items"]?.elements.compactMap(Item.init(json:)) ?? [],
            withheld: root["withheld"]?.elements.compactMap(Withheld.init(json:)) ?? [])
        digested = root["digested"]?.int
        concealed = root["concealed"]?.elements.compactMap(Withheld.init(json:)) ?? []
        decided = root["decided"].flatMap { entry in
            entry["rule"]?.string.map { Decided(rule: $0, basis: entry.positions("basis")) }
        }
    }
}

extension ReceiptDetail.Item {
    public func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("item", reference)
            w.member("position", position.value)
            w.member("category", category)
            w.member("rule", rule)
            if let shown { w.member("shown", shown.hex) }
        }
    }

    init?(json: JSONCursor) {
        guard let reference = json["item"]?.string, let position = json.position("position"),
            let category = json["category"]?.string, let rule = json["rule"]?.string
        else { return nil }
        var shown: Digest?
        if let hex = json["shown"] {
            guard let digest = hex.string.flatMap({ Digest(hex: $0) }) else { return nil }
            shown = digest
        }
        self.init(reference: reference, position: position, category: category, rule: rule, shown: shown)
    }
}

extension ReceiptDetail.Withheld {
    public func write(into w: inout JSONWriter) {
        w.object { w in
            w.member("category", category)
            w.member("count", count)
            w.member("rule", rule)
            w.member("basis", basis)
        }
    }

    init?(json: JSONCursor) {
        guard let category = json["category"]?.string, let count = json["count"]?.int,
            let rule = json["rule"]?.string
        else { return nil }
        self.init(category: category, count: count, rule: rule, basis: json.positions("basis"))
    }
}

extension JSONWriter {
    /// An array of positions as numbers.
    public mutating func member(_ name: String, _ positions: [Position]) {
        key(name)
        array { w in for position in positions { w.int(position.value) } }
    }
}

extension JSONCursor {
    func position(_ name: String) -> Position? {
        self[name]?.number.flatMap { UInt64($0) }.map { Position($0) }
    }

    func positions(_ name: String) -> [Position] {
        self[name]?.elements.compactMap { $0.number.flatMap { UInt64($0) }.map { Position($0) } } ?? []
    }
}

extension StreamToken {
    init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }
}
