import CareRecord

extension RegionFileReader {
    /// A client of the HTTP interface. Its scopes are checked by whoever knows scopes; here, that they are words.
    mutating func readClient(_ value: PolicyValue) {
        guard let entry = value.mapping(["id", "name", "org", "scopes", "actsAs", "keys"]) else { return }
        let name = entry.required("name")?.text()
        let org = organisation(entry.required("org"))
        let scopes = entry.required("scopes")?.distinct { Self.scope($0) } ?? []
        let (user, profile) = actsAs(entry["actsAs"])
        let keys = entry["keys"]?.list()?.compactMap { key($0) } ?? []
        guard let id = entry.required("id")?.identifier(), let org else { return }
        guard declaration.clients[id] == nil else {
            entry["id"]?.report("client \(id) is listed twice: keep one")
            return
        }
        declaration.clients[id] = ClientDetails(
            id: id, name: name ?? "", org: org, scopes: scopes, user: user, profile: profile, keys: keys)
    }

    /// `LEVEL/TYPE.cruds` (SMART App Launch 2).
    private static func scope(_ value: PolicyValue) -> String? {
        guard let text = value.text() else { return nil }
        let pattern = /(patient|user|system)\/([A-Za-z]{1,64}|\*)\.c?r?u?d?s?/
        guard text.wholeMatch(of: pattern) != nil, !text.hasSuffix(".") else {
            value.report("\(text) is no scope: write one such as user/*.rs or system/Observation.rs")
            return nil
        }
        return text
    }

    private func actsAs(_ value: PolicyValue?) -> (user: String?, profile: String?) {
        guard let entry = value?.mapping(["user", "profile"]), let named = entry.required("user"),
            let user = named.identifier()
        else { return (nil, nil) }
        if declaration.users[user] == nil { named.report("no user \(user) is listed under users") }
        let profile = entry["profile"]?.identifier()
        if let profile, declaration.profiles[.init(user: user, id: profile)] == nil {
            entry["profile"]?.report("\(user) has no role profile \(profile)")
        }
        return (user, profile)
    }

    /// A public JSON Web Key (RFC 7517), as JSON with its members in a fixed order.
    private func key(_ value: PolicyValue) -> String? {
        let names = ["kty", "kid", "alg", "crv", "x", "y", "n", "e", "use"]
        guard let entry = value.mapping(names), let type = entry.required("kty"), let kty = type.text(),
            let kid = entry.required("kid")?.identifier()
        else { return nil }
        let needed: [String]
        switch kty {
        case "EC": needed = ["crv", "x", "y"]
        case "OKP": needed = ["crv", "x"]
        case "RSA": needed = ["n", "e"]
        default:
            type.report("\(kty) is no kind of public key: use EC, OKP or RSA")
            return nil
        }
        var members = [("kty", kty), ("kid", kid)]
        for name in needed {
            guard let text = entry.required(name)?.text() else { return nil }
            members.append((name, text))
        }
        if let algorithm = entry["alg"]?.text() { members.append(("alg", algorithm)) }
        var w = JSONWriter(capacity: 256)
        w.object { w in for (name, text) in members { w.member(name, text) } }
        return String(decoding: w.finish(), as: UTF8.self)
    }
}
