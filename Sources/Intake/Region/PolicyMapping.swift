/// A mapping of a policy file whose keys are all known.
struct PolicyMapping {
    let values: [String: PolicyValue]
    let whole: PolicyValue

    init(values: [String: PolicyValue], _ whole: PolicyValue) { (self.values, self.whole) = (values, whole) }

    /// The value of a key that may be left out.
    subscript(_ key: String) -> PolicyValue? { values[key] }

    /// The value of a key that must be there; reports where it is not.
    func required(_ key: String) -> PolicyValue? {
        guard let value = values[key] else {
            whole.report("\(key) is missing")
            return nil
        }
        return value
    }
}
