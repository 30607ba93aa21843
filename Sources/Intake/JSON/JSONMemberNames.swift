/// The member names of the objects that are open, to find one that comes twice.
///
/// Small objects are searched by fingerprint; one with more than `searched` members gets a table with
/// per-process random hashing, so that a hostile document costs no more than its length.
struct JSONMemberNames: Sendable {
    private struct Name {
        var fingerprint: UInt64
        var token: Int
    }

    /// A table maps a random hash of a name to the names that have it.
    private struct Scope {
        var base: Int
        var table: Int
    }

    /// Members up to which an object is searched instead of hashed.
    static let searched = 24

    private var names: [Name] = []
    private var scopes: [Scope] = []
    private var tables: [[Int: [Int]]] = []

    mutating func removeAll() {
        names.removeAll(keepingCapacity: true)
        scopes.removeAll(keepingCapacity: true)
        tables.removeAll()
    }

    @inline(__always) mutating func open() { scopes.append(Scope(base: names.count, table: -1)) }

    @inline(__always) mutating func close() {
        let scope = scopes.removeLast()
        while names.count > scope.base { names.removeLast() }
        if scope.table >= 0 { tables.removeLast() }
    }

    /// Adds the name at that token.
    ///
    /// - Throws: a fault at the name when its object has it already.
    @inline(__always)
    mutating func add(_ raw: RawSpan, _ index: Int, _ tokens: [JSONToken]) throws(JSONFault) {
        let token = tokens[index]
        if token.isEscaped || scopes[scopes.count - 1].table >= 0 {
            return try addSlowly(raw, index, tokens)
        }
        let inner = token.inner
        let fingerprint = JSONFingerprint.of(raw, inner.lowerBound, count: inner.count)
        let base = scopes[scopes.count - 1].base
        var i = base
        while i < names.count {
            if names[i].fingerprint == fingerprint, Self.same(raw, names[i].token, index, tokens) {
                throw JSONFault(code: .duplicateMember, at: Int(token.start))
            }
            i += 1
        }
        names.append(Name(fingerprint: fingerprint, token: index))
        if names.count - base > Self.searched { makeTable(raw, base, tokens) }
    }

    @inline(never)
    private mutating func addSlowly(_ raw: RawSpan, _ index: Int, _ tokens: [JSONToken]) throws(JSONFault) {
        let scope = scopes[scopes.count - 1]
        let name = JSONText.unescaped(raw, tokens[index])
        let fault = JSONFault(code: .duplicateMember, at: Int(tokens[index].start))
        if scope.table >= 0 {
            if !insert(name, index, into: scope.table, raw, tokens) { throw fault }
            return
        }
        let fingerprint = JSONFingerprint.of(name)
        for other in names[scope.base...] where other.fingerprint == fingerprint {
            if Self.same(raw, other.token, index, tokens) { throw fault }
        }
        names.append(Name(fingerprint: fingerprint, token: index))
        if names.count - scope.base > Self.searched { makeTable(raw, scope.base, tokens) }
    }

    @inline(never)
    private mutating func makeTable(_ raw: RawSpan, _ base: Int, _ tokens: [JSONToken]) {
        tables.append([:])
        scopes[scopes.count - 1].table = tables.count - 1
        for name in names[base...] {
            _ = insert(
                JSONText.unescaped(raw, tokens[name.token]), name.token, into: tables.count - 1, raw, tokens)
        }
    }

    /// - Returns: false where the table has the name.
    private mutating func insert(
        _ name: [UInt8], _ index: Int, into table: Int, _ raw: RawSpan, _ tokens: [JSONToken]
    ) -> Bool {
        var hasher = Hasher()
        name.withUnsafeBytes { hasher.combine(bytes: $0) }
        let hash = hasher.finalize()
        for other in tables[table][hash, default: []] where JSONText.unescaped(raw, tokens[other]) == name {
            return false
        }
        tables[table][hash, default: []].append(index)
        return true
    }

    private static func same(_ raw: RawSpan, _ a: Int, _ b: Int, _ tokens: [JSONToken]) -> Bool {
        let (a, b) = (tokens[a], tokens[b])
        if a.isEscaped || b.isEscaped { return JSONText.unescaped(raw, a) == JSONText.unescaped(raw, b) }
        guard a.inner.count == b.inner.count else { return false }
        return JSONFingerprint.equal(
            raw, a.inner.lowerBound, raw, b.inner.lowerBound, count: a.inner.count)
    }
}
