import Intake

/// What a transaction's entries ask to be compared with what is held, before any of it is taken.
struct EntryConditions {
    /// `ifMatch`: the version that must be in force; nil where the tag is none of ours, which matches nothing. Without an address to compare
    /// it with, the entry cannot be taken.
    private(set) var versions: [(address: (type: String, id: String)?, version: VersionCondition?)] = []
    /// `ifNoneExist`: by the entry's number from 0. Criteria that are none are nil.
    private(set) var creations: [(number: Int, type: String, criteria: WriteCriteria?)] = []
    /// Creations of resources with an id: nothing of that id may be held.
    private(set) var named: [(type: String, id: String)] = []
    /// Whether one is an update or a deletion by criteria, which would be of another resource each time.
    private(set) var changesBySearch = false
    /// All entries.
    private(set) var entries = 0

    var isEmpty: Bool { versions.isEmpty && creations.isEmpty && named.isEmpty && !changesBySearch }

    /// Of what does not read, or is no transaction: none, and intake says what is wrong with it.
    init(_ write: SourceWrite) {
        guard let root = (try? JSONDocument(write.body))?.root, root["resourceType"]?.string == "Bundle",
            ["transaction", "batch"].contains(root["type"]?.string ?? "")
        else { return }
        let elements = root["entry"]?.elements ?? []
        entries = elements.count
        for (number, entry) in elements.enumerated() {
            guard let request = entry["request"] else { continue }
            let (method, url) = (request["method"]?.string ?? "", request["url"]?.string ?? "")
            if let tag = request["ifMatch"]?.string {
                versions.append((FHIRIntake.address(url), VersionCondition(tag)))
            }
            if method == "PUT" || method == "DELETE", url.contains("?") { changesBySearch = true }
            guard method == "POST", let type = entry["resource"]?["resourceType"]?.string else { continue }
            if let query = request["ifNoneExist"]?.string {
                creations.append((number, type, WriteCriteria(query: query)))
            } else if let id = entry["resource"]?["id"]?.string {
                named.append((type, id))
            }
        }
    }
}
