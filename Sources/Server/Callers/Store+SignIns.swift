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

    /// Digests of the assertions that got a token lately, newest first: what was used before a restart is used after it.
    ///
    /// - Parameters:
    ///   - since: recorded then or later. A simulated clock is not the assertions', so there it counts for nothing.
    ///   - limit: records that are looked at, at most.
    public func recentAssertions(since: Instant, limit: Int) throws(StoreError) -> [Digest] {
        try StoreError.translating {
            var out: [Digest] = []
            var position = try log.head.position.value
            for _ in 0..<limit where position > 0 {
                defer { position -= 1 }
                let header = try log.header(at: Position(position))
                if !isSimulated, header.recordedAt < since { break }
                guard header.recordClass == .receipt else { continue }
                let receipt = try opener.receipt(of: try log.read(at: Position(position)))
                if receipt.question == .signIn, receipt.permitted { out.append(receipt.body) }
            }
            return out
        }
    }
}
