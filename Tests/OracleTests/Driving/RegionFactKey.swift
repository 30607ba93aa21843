/// What an event of region policy is about: one key for all the facts that follow each other.
enum RegionFactKey {
    static func of(_ kind: String, _ id: String) -> String {
        switch kind {
        case "organisationOnboarded", "organisationChanged": "organisation/\(id)"
        case "organisationClosed": "closure/\(id)"
        case "charterSigned", "charterEnded": "charter/\(id)"
        case "feedDeclared", "feedEnded": "feed/\(id)"
        case "agreementSigned", "agreementAmended", "agreementEnded": "agreement/\(id)"
        case "agreementSuspended", "agreementResumed": "suspension/\(id)"
        case "roleBaseline", "roleWithdrawn": "role/\(id)"
        case "userRegistered", "userChanged", "userLeft": "user/\(id)"
        case "roleProfileAssigned", "roleProfileRevoked": "profile/\(id)"
        case "licenceAssigned", "licenceReleased": "licence/\(id)"
        case "exclusionSetPublished", "exclusionSetEnded": "exclusion/\(id)"
        case "sensitivityPublished", "sensitivityEnded": "sensitivity/\(id)"
        default: "\(kind)"
        }
    }
}
