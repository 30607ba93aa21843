/// What an event of region policy is about, read from its JSON by the tests' own reader.
enum RegionFactKey {
    static func of(_ event: JSONTree) -> String? {
        guard let kind = event["kind"]?.text, let value = event["value"] else { return nil }
        let id = (value["id"] ?? value["ods"] ?? value["code"] ?? value["label"])?.text ?? ""
        let user = value["user"]?.text ?? ""
        switch kind {
        case "settings": return "settings"
        case "organisationOnboarded", "organisationChanged", "organisationClosed": return "organisation/\(id)"
        case "charterSigned", "charterEnded": return "charter/\(id)"
        case "licencePool": return "pool/\(id)"
        case "feedDeclared", "feedEnded": return "feed/\(id)"
        case "agreementSigned", "agreementAmended", "agreementEnded": return "agreement/\(id)"
        case "roleBaseline", "roleWithdrawn": return "role/\(id)"
        case "userRegistered", "userChanged", "userLeft": return "user/\(id)"
        case "roleProfileAssigned", "roleProfileRevoked": return "profile/\(user)/\(id)"
        case "licenceAssigned", "licenceReleased": return "licence/\(user)/\(id)"
        case "exclusionSetPublished", "exclusionSetEnded": return "exclusion/\(id)"
        case "sensitivityPublished", "sensitivityEnded": return "sensitivity/\(id)"
        default: return nil
        }
    }
}
