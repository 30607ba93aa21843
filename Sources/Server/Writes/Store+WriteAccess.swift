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
        func refuse(_ reason: String, _ text: String) throws -> CallerRefusal {
            _ = try recordFailure(of: caller, asking: .write, rule: reason)
            return CallerRefusal(.forbidden, reason, text)
        }
        guard let source = caller.source else {
            throw try refuse("not-a-source", "only a client that asks for itself sends updates")
        }
        let others = Set(try regionDeclaration().organisations.keys).subtracting([source])
        for write in writes {
            for need in write.needs where !caller.may(need.interactions, need.type, isInContext: false) {
                throw try refuse("scope", "the token's scopes do not reach \(need.type)")
            }
            for id in write.addresses {
                guard let dot = id.firstIndex(of: "."), others.contains(String(id[..<dot])) else { continue }
                throw try refuse("other-source", "\(id) is of another source than this client's")
            }
        }
        return source
    }
}

extension SourceWrite {
    /// What its token must let its client do. Of bytes that cannot be read: nothing beyond being a source, and quarantine has them.
    var needs: [(interactions: Scopes.Interactions, type: String)] {
        switch request {
        case .create(let type): return [(.create, type)]
        case .update(let type, _): return [(.update, type)]
        case .updateMatching(let type): return [([.create, .update], type)]
        case .delete(let type, _): return [(.delete, type)]
        case .message: break
        }
        guard let root = (try? JSONDocument(body))?.root, let type = root["resourceType"]?.string else {
            return []
        }
        let isMessage = ["transaction", "batch", "collection"].contains(root["type"]?.string ?? "")
        guard type == "Bundle", isMessage else { return [([.create, .update], type)] }
        return (root["entry"]?.elements ?? []).compactMap { entry in
            let url = entry["request"]?["url"]?.string ?? ""
            let named = url.split { $0 == "/" || $0 == "?" }.first.map(String.init)
            guard let type = entry["resource"]?["resourceType"]?.string ?? named else { return nil }
            switch entry["request"]?["method"]?.string {
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
        case .create, .updateMatching: return [WriteChecks.bodyID(self)].compactMap(\.self)
        case .message: break
        }
        guard let root = (try? JSONDocument(body))?.root else { return [] }
        let own = [root["id"]?.string].compactMap(\.self)
        return own
            + (root["entry"]?.elements ?? []).flatMap { entry in
                let url = entry["request"]?["url"]?.string ?? ""
                let id =
                    url.contains("?") ? nil : url.split(separator: "/").dropFirst().first.map(String.init)
                return [id, entry["resource"]?["id"]?.string].compactMap(\.self)
            }
    }
}
