import EventLog
import Wire

/// Identity as of one position, asked once: resolving one patient asks for the same subject's edges and state several times.
///
/// Not for use from two threads at once.
public final class RememberedIdentity: IdentityLookups {
    private let base: IdentityReader
    private var states: [StreamToken: IdentityState?] = [:]
    private var edges: [StreamToken: [IdentityEdge]] = [:]
    private var firsts: [StreamToken: Position?] = [:]

    public init(_ base: IdentityReader) { self.base = base }

    public func state(of subject: StreamToken) throws(ProjectionError) -> IdentityState? {
        if let known = states[subject] { return known }
        let found = try base.state(of: subject)
        states.updateValue(found, forKey: subject)
        return found
    }

    public func everBore(_ number: StreamToken) throws(ProjectionError) -> [StreamToken] {
        try base.everBore(number)
    }

    public func edges(of subject: StreamToken) throws(ProjectionError) -> [IdentityEdge] {
        if let known = edges[subject] { return known }
        let found = try base.edges(of: subject)
        edges.updateValue(found, forKey: subject)
        return found
    }

    public func firstSeen(_ subject: StreamToken) throws(ProjectionError) -> Position? {
        if let known = firsts[subject] { return known }
        let found = try base.firstSeen(subject)
        firsts.updateValue(found, forKey: subject)
        return found
    }
}
