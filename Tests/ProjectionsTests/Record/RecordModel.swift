import CareRecord
import Wire

/// What a record is, written from the rules alone: an item's version in force is the greatest by (asserted, position, place in the
/// message), asserted being at most the recorded instant, which stands in where none is given.
struct RecordModel {
    struct Version: Equatable {
        var subject: String
        var key: String
        var category: CareRecord.Category
        var position: UInt64
        var recordedAt: Int64
        var itemIndex: Int
        var isTombstone: Bool
        var content: [UInt8]
        var asserted: Int64

        var rank: (Int64, UInt64, Int) { (asserted, position, itemIndex) }
    }

    private(set) var versions: [Version] = []

    mutating func append(
        _ subject: String, position: Position, recordedAt: Int64, _ items: [RecordStore.Item]
    ) {
        for (index, item) in items.enumerated() {
            let asserted = min(item.asserted?.microseconds ?? recordedAt, recordedAt)
            let key = "\(item.type)\u{0}\(item.id)"
            var category = item.category
            // A deletion belongs where what it deletes stands, before its message.
            let before = inForce(through: position.value - 1).first { $0.subject == subject && $0.key == key }
            if item.operation == .delete, let before { category = before.category }
            versions.append(
                Version(
                    subject: subject, key: key, category: category, position: position.value,
                    recordedAt: recordedAt, itemIndex: index + 1, isTombstone: item.operation != .upsert,
                    content: item.operation == .upsert ? item.content : [], asserted: asserted))
        }
    }

    func inForce(through position: UInt64) -> [Version] {
        var best: [String: Version] = [:]
        for version in versions where version.position <= position {
            let name = version.subject + "\u{0}" + version.key
            if let other = best[name], other.rank > version.rank { continue }
            best[name] = version
        }
        return Array(best.values)
    }

    func state(of subject: String, at position: UInt64) -> [Version] {
        inForce(through: position).filter { $0.subject == subject }.sorted {
            if $0.category != $1.category { return $0.category < $1.category }
            return Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8))
        }
    }
}
