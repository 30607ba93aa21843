import CareRecord
import EventLog
import Projections
import Wire

/// Clients that ask for themselves, and the tokens given to them.
extension Store {
    /// A client of the region now, whose organisation is in force; nil for anybody else.
    public func registeredClient(_ id: String) throws(StoreError) -> ClientDetails? {
        let head = try head()
        let state = try regionState().history.state(
            at: DecisionPoint(instant: try clock(), position: head.position))
        guard let client = state.client(id).terms, state.organisation(client.org).terms != nil else {
            return nil
        }
        return client
    }

    /// Makes it durable that a client got a token, before it gets it.
    ///
    /// - Parameter assertion: a digest of the assertion that it showed; another token for it is refused while it could be good.
    public func recordSignIn(
        of client: ClientDetails, assertion: Digest, call: CallDetails
    ) throws(StoreError) {
        let head = try head()
        let now = try clock()
        let region = try regionState()
        let state = region.history.state(at: DecisionPoint(instant: now, position: head.position))
        let person = client.user.map {
            Receipt.Person(state.identity(of: Viewer(user: $0, profile: client.profile)))
        }
        var receipt = Receipt(
            kind: .actual, question: .signIn, viewer: person, operatorUser: nil, systemUser: Self.systemUser,
            purpose: nil, caseID: nil, position: head.position, instant: now, isFinal: false,
            policy: region.version(at: head.position), permitted: true, rule: Self.tokenRule, basis: [],
            shown: 0, withheld: 0, sources: [], subjects: [], items: .zero, body: assertion)
        receipt.call = Receipt.Call(client: client.id, trace: call.trace, sequence: call.sequence)
        let record: SealedRecord
        do throws(LogError) {
            record = try receiptRecord(
                receipt, ReceiptDetail(patient: "", query: "", itemsSalt: [], bodySalt: []))
        } catch { throw .log(error) }
        _ = try appendOne(Proposal(records: [record]))
    }

    static let tokenRule = "token"

    /// Digests of the assertions that got a token, newest first: what was used before a restart is used after it.
    ///
    /// By number, not by time: the log's clock is not the one that assertions go by.
    public func recentAssertions(limit: Int) throws(StoreError) -> [Digest] {
        do throws(ProjectionError) {
            try trail.catchUp(to: log.headPosition)
            return try TrailReader(trail.view).assertions(limit: limit)
        } catch { throw .projection(error) }
    }
}
