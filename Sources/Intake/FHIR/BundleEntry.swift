/// One resource of a message: an entry of its Bundle, or the message itself.
struct BundleEntry {
    /// Tape index to name in faults.
    var at: Int
    /// The resource's object; nil for a deletion.
    var resource: Int?
    var type: [UInt8]
    var target: ReferenceTarget
    /// The characters of its fullUrl, where it has one.
    var fullURL: [UInt8]?
    /// It is held already, so the entry makes nothing: references to it are to what is held.
    var stands = false

    var sourceID: [UInt8] { target.sourceID }
    var isPatient: Bool { target.isPatient }
    func isType(_ name: StaticString) -> Bool {
        type.count == name.utf8CodeUnitCount && name.withUTF8Buffer { type.elementsEqual($0) }
    }
}
