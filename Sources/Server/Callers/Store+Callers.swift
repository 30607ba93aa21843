import CareRecord
import Ciphers
import EventLog
import Projections
import Wire

/// Who may ask at all, by policy at this moment; and the record of those who may not.
extension Store {
    /// Finds the token's claims good, or not.
    ///
    /// - Throws: `CallerRefusal`, not recorded yet; `StoreError` where the store cannot answer.
    public func caller(
        _ claims: TokenClaims, purpose: String = Purpose.directCare, call: CallDetails
    ) throws -> Caller {
        func refuse(_ reason: String, _ text: String) -> CallerRefusal {
            CallerRefusal(.forbidden, reason, text, claims: claims)
        }
        let head = try catchUp()
        let state = try regionState().history.state(
            at: DecisionPoint(instant: try clock(), position: head.position))
        var viewer: Viewer?
        var isSystem = false
        var source: String?
        if !claims.isDevelopment {
            guard let client = state.client(claims.client).terms,
                state.organisation(client.org).terms != nil
            else { throw refuse("client", "the client is not registered in this region") }
            guard let most = Scopes(client.scopes.joined(separator: " ")), claims.scopes.isWithin(most) else {
                throw refuse("scope", "the token's scopes go beyond what its client may ask for")
            }
            if claims.user == nil, !claims.isPatientThemself {
                isSystem = true
                source = client.org
                viewer = client.user.map { Viewer(user: $0, profile: client.profile) }
            }
        }
        if !isSystem, claims.scopes.has(.system) {
            throw refuse("scope", "system scopes are for a client that asks for itself")
        }
        if claims.scopes.has(.patient), claims.patient == nil {
            throw refuse("scope", "patient scopes need a patient in context")
        }
        var call = call
        call.client = claims.client
        if claims.isPatientThemself, let patient = claims.patient {
            return Caller(
                authority: .patient(patient), identity: nil, scopes: claims.scopes, patient: patient,
                isSystem: false, purpose: purpose, call: call)
        }
        if let user = claims.user { viewer = Viewer(user: user, profile: claims.profile) }
        guard let viewer else {
            guard let source else { throw refuse("user", "the token names nobody") }
            return Caller(
                authority: .source(source), identity: nil, scopes: claims.scopes, patient: nil,
                isSystem: true,
                purpose: purpose, call: call, source: source)
        }
        switch state.admits(viewer) {
        case .usage(let text): throw refuse("role", text)
        case .withhold(let decision, _):
            throw refuse(
                decision.rule.rawValue, "policy does not let this user in: \(decision.rule.rawValue)")
        case .admitted(let identity):
            if let organisation = claims.organisation, organisation != identity.organisation {
                throw refuse("organisation", "the role is not of the organisation that the token names")
            }
            return Caller(
                authority: .user(Viewer(user: viewer.user, profile: identity.profile)), identity: identity,
                scopes: claims.scopes, patient: claims.patient, isSystem: isSystem, purpose: purpose,
                call: call, source: source)
        }
    }

    /// Makes the refusal of a request durable, before it is told.
    ///
    /// - Parameter unrecorded: refusals before it that came too fast to be recorded one by one.
    public func recordRefusal(_ refusal: CallerRefusal, call: CallDetails, unrecorded: Int = 0)
        throws(StoreError)
    {
        let head = try catchUp()
        var person: Receipt.Person?
        if let user = refusal.claims?.user {
            let state = try regionState().history.state(
                at: DecisionPoint(instant: try clock(), position: head.position))
            person = Receipt.Person(state.identity(of: Viewer(user: user, profile: refusal.claims?.profile)))
        }
        var receipt = Receipt(
            kind: .actual, question: .signIn, viewer: person, operatorUser: nil, systemUser: Self.systemUser,
            purpose: nil, caseID: nil, position: head.position, instant: try clock(), isFinal: false,
            policy: try regionState().version(at: head.position), permitted: false, rule: refusal.reason,
            basis: [], shown: 0, withheld: 0, sources: [], subjects: [], items: .zero, body: .zero)
        receipt.call = Receipt.Call(
            client: refusal.claims?.client, trace: call.trace, sequence: call.sequence,
            unrecorded: unrecorded == 0 ? nil : unrecorded)
        let record: SealedRecord
        do throws(LogError) {
            record = try receiptRecord(
                receipt, ReceiptDetail(patient: "", query: "", itemsSalt: [], bodySalt: []))
        } catch { throw .log(error) }
        _ = try appendOne(Proposal(records: [record]))
    }

    /// What an access over HTTP names as the operating system's user: the server.
    static let systemUser = "http"

    /// 32 bytes that this store alone can make, one for each purpose: what its own tokens are signed with.
    public func secret(for purpose: String) -> [UInt8] {
        [1, 2].flatMap { part in keys.token(.credential, Array("\(purpose)\u{0}\(part)".utf8)).bytes }
    }
}
