/// What a result's status asks of a view (DOMAIN, "Clinical safety": Retraction; decision 7, section A).
extension HeldItem {
    private var isResult: Bool { type == "Observation" || type == "DiagnosticReport" }
    private var status: String { resource?["status"]?.text ?? "" }

    var isCancelled: Bool { isResult && status == "cancelled" }
    var isCorrected: Bool { isResult && ["corrected", "amended", "appended"].contains(status) }
}

extension JSONTree {
    private static let told = [
        "component", "interpretation", "referenceRange", "conclusion", "conclusionCode", "presentedForm",
        "dataAbsentReason",
    ]

    private static func isValue(_ name: String) -> Bool {
        told.contains(name) || name.hasPrefix("value") || name.hasPrefix("_value") || name == "_conclusion"
    }

    /// A cancelled result: no value, nothing else that may tell it, and no reference to what was contained.
    var withoutValue: JSONTree {
        let left = JSONTree.object(
            members.filter { member in
                if member.name == "dataAbsentReason" { return true }
                return !Self.isValue(member.name) && member.name != "text" && member.name != "contained"
            })
        return self["contained"] == nil ? left : left.withoutContainedReferences ?? .object([])
    }

    /// nil where nothing is left of what had something.
    private var withoutContainedReferences: JSONTree? {
        if !members.isEmpty {
            let left = members.compactMap { member -> Member? in
                if member.name == "reference", member.value.text?.hasPrefix("#") ?? false { return nil }
                return member.value.withoutContainedReferences.map { Member(name: member.name, value: $0) }
            }
            return left.isEmpty ? nil : .object(left)
        }
        if !elements.isEmpty {
            let left = elements.compactMap(\.withoutContainedReferences)
            return left.isEmpty ? nil : .array(left)
        }
        return self
    }

    /// What a result says, and no more.
    var value: [Member] { members.filter { Self.isValue($0.name) } }

    /// Type and status alone, and why there is no value: what was cancelled shows none, later either.
    var withoutValueAlone: JSONTree {
        .object(members.filter { ["resourceType", "status", "dataAbsentReason"].contains($0.name) })
    }

    /// Type, status and value alone.
    var valueAlone: JSONTree {
        .object(members.filter { Self.isValue($0.name) || $0.name == "resourceType" || $0.name == "status" })
    }
}

extension ViewModel {
    /// What a corrected result said before: the newest version that was in force before it and says something else, where that is
    /// shown too and nothing was retracted in between.
    func previous(
        of item: HeldItem, _ decision: ItemDecision, in held: [LoggedEvent], without: [String]
    ) -> ExpectedView.Previous? {
        guard item.isCorrected, let now = item.resource else { return nil }
        for before in HeldRecord(events: held).versionsInForce(item.key, of: item.subject).reversed()
        where before.position < item.position {
            guard before.operation == .upsert, let said = before.resource else { return nil }
            if said.value == now.value { continue }
            guard let category = before.category, decision.decide(before, under: category).0.permit else {
                return nil
            }
            return ExpectedView.Previous(
                position: before.position, recorded: before.recorded,
                resource: (before.isCancelled ? said.withoutValueAlone : said.valueAlone).redacted(
                    narrative: without.contains("narrative"), location: without.contains("location")))
        }
        return nil
    }
}
