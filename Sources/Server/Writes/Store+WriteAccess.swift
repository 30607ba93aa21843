import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Whose updates a caller may send, and the record of those it may not.
extension Store {
    /// The organisation that the writes are from.
    ///
    /// - Throws: `CallerRefusal`, recorded.
    public func source(of caller: Caller, sending writes: [SourceWrite]) throws -> String {
        switch try decided(caller, writes, try others(than: caller)) {
        case .success(let source): return source
        case .failure(let refusal):
            _ = try recordFailure(of: caller, asking: .write, rule: refusal.reason)
            throw refusal
        }
    }

    /// As above, each by itself. Refusals are recorded once for each reason: a request may hold thousands.
    public func sources(
        of caller: Caller, sendingEach writes: [SourceWrite]
    ) throws -> [Result<String, CallerRefusal>] {
        let others = try others(than: caller)
        let decided = try writes.map { try self.decided(caller, [$0], others) }
        var reasons: Set<String> = []
        for case .failure(let refusal) in decided where reasons.insert(refusal.reason).inserted {
            _ = try recordFailure(of: caller, asking: .write, rule: refusal.reason)
        }
        return decided
    }

    /// Makes durable that a write found everything as it asks, before that is told: it leaves no event.
    ///
    /// - Returns: the receipt's position.
    public func recordStanding(of caller: Caller) throws(StoreError) -> Position {
        try recordAnswered(of: caller, asking: .write, rule: Self.standingRule).receipt
    }

    static let standingRule = "standing"

    private func others(than caller: Caller) throws(StoreError) -> Set<String> {
        Set(try regionDeclaration().organisations.keys).subtracting([caller.source].compactMap(\.self))
    }

    private func decided(
        _ caller: Caller, _ writes: [SourceWrite], _ others: Set<String>
    ) throws -> Result<String, CallerRefusal> {
        guard let source = caller.source else {
            return .failure(
                CallerRefusal(
                    .forbidden, "not-a-source", "only a client that asks for itself sends updates"))
        }
        // Also for what cannot be read: quarantine is for those who may send.
        guard caller.scopes.letsWrite else {
            return .failure(CallerRefusal(.forbidden, "scope", "the token's scopes let nothing be sent"))
        }
        for write in writes {
            for need in write.needs where !caller.may(need.interactions, need.type, isInContext: false) {
                return .failure(
                    CallerRefusal(.forbidden, "scope", "the token's scopes do not reach \(need.type)"))
            }
            for id in write.addresses {
                guard let dot = id.firstIndex(of: "."), others.contains(String(id[..<dot])) else { continue }
                return .failure(
                    CallerRefusal(
                        .forbidden, "other-source", "\(id) is of another source than this client's"))
            }
        }
        return .success(source)
    }
}

extension Scopes {
    /// Whether any of them is to send something.
    fileprivate var letsWrite: Bool {
        grants.contains {
            $0.level == .system && !$0.interactions.isDisjoint(with: [.create, .update, .delete])
        }
    }
}

extension SourceWrite {
    /// What its token must let its client do. Of bytes that cannot be read: nothing beyond being a source, and quarantine has them.
    var needs: [(interactions: Scopes.Interactions, type: String)] {
        switch request {
        case .create(let type): return [(.create, type)]
        case .update(let type, _): return [(.update, type)]
        case .updateMatching(let type): return [([.create, .update], type)]
        case .delete(let type, _), .deleteMatching(let type): return [(.delete, type)]
        case .message: break
        }
        guard let root = (try? JSONDocument(body))?.root, let type = root["resourceType"]?.string else {
            return []
        }
        let isMessage = ["transaction", "batch", "collection"].contains(root["type"]?.string ?? "")
        guard type == "Bundle", isMessage else { return [([.create, .update], type)] }
        return (root["entry"]?.elements ?? []).compactMap { entry in
            // As intake reads it: a deletion goes by its address, whatever stands beside that.
            let url = entry["request"]?["url"]?.string ?? ""
            let method = entry["request"]?["method"]?.string
            let named =
                method == "DELETE"
                ? FHIRIntake.address(url)?.type : entry["resource"]?["resourceType"]?.string
            guard let type = named else { return nil }
            switch method {
            case "POST": return (.create, type)
            case "DELETE": return (.delete, type)
            case "PUT": return (.update, type)
            default: return ([.create, .update], type)
            }
        }
    }

    /// Ids that it names as what it changes.
    var addresses: [String] {
        switch request {
        case .update(_, let id), .delete(_, let id): return [id]
        case .deleteMatching: return [criteria?.id, criteria?.patient].compactMap(\.self)
        case .create, .updateMatching: return [WriteChecks.bodyID(self)].compactMap(\.self)
        case .message: break
        }
        guard let root = (try? JSONDocument(body))?.root else { return [] }
        let own = [root["id"]?.string].compactMap(\.self)
        return own
            + (root["entry"]?.elements ?? []).flatMap { entry in
                let id = FHIRIntake.address(entry["request"]?["url"]?.string ?? "")?.id
                return [id, entry["resource"]?["id"]?.string].compactMap(\.self)
            }
    }
}
