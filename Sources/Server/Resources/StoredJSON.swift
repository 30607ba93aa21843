import Intake

/// A stored resource as JSON. Intake checked it, so bytes that do not read are damage. Whatever has something to take out of a resource
/// shows nothing of one that it cannot read: the answer fails, and its receipt says so.
enum StoredJSON {
    static func document(_ content: [UInt8], of reference: String) throws(StoreError) -> JSONDocument {
        do throws(JSONError) { return try JSONDocument(content) } catch {
            throw .io("\(reference) does not read: \(error)")
        }
    }
}
