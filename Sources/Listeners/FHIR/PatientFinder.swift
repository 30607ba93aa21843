import CareRecord
import Server

/// A search for a patient by who they are (`find-patient`): `family`, `birthdate` and one more of `given`, `gender` and
/// `address-postalcode`, as they stand. By number or id a search is of that patient's record.
enum PatientFinder {
    static let parameters = ["family", "birthdate", "given", "gender", "address-postalcode"]

    /// - Returns: nil where the query names nobody that way.
    static func read(
        _ query: inout FHIRQuery, _ caller: Caller, base: String, _ path: String
    ) throws -> FindRequest? {
        // An exact match is what all of them are.
        let taken = query.take { name in
            parameters.contains(name.hasSuffix(":exact") ? String(name.dropLast(6)) : name)
        }
        guard !taken.isEmpty else { return nil }
        var values: [String: String] = [:]
        for (name, value) in taken {
            let bare = name.hasSuffix(":exact") ? String(name.dropLast(6)) : name
            guard values[bare] == nil, !value.isEmpty else {
                throw FHIRError.badRequest("\(bare): one value")
            }
            values[bare] = value.hasPrefix("eq") && bare == "birthdate" ? String(value.dropFirst(2)) : value
        }
        _ = try query.count()
        try query.finish()
        let search: PatientSearch
        do {
            search = try PatientSearch(
                family: values["family"], birthDate: values["birthdate"], given: values["given"],
                gender: values["gender"], postcode: values["address-postalcode"])
        } catch { throw FHIRError(error) }
        guard let viewer = caller.viewer, !caller.isSystem || caller.scopes.has(.system) else {
            throw FHIRError(
                .forbidden, "forbidden", "ACCESS_DENIED", "only a user may look for a patient")
        }
        guard caller.may(.search, "Patient", isInContext: false) else {
            throw FHIRError(
                .forbidden, "forbidden", "ACCESS_DENIED", "the token's scopes do not reach that")
        }
        var request = FindRequest(
            user: viewer.user, profile: viewer.profile, search: search, purpose: caller.purpose,
            asker: Asker(systemUser: "http"), isAuthenticated: true)
        request.call = caller.call
        request.bundle = FindRequest.Bundle(base: base, path: path)
        return request
    }
}
