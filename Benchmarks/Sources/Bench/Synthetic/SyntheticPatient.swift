/// The versions of one synthetic patient: every resource once, then updates to resources at random.
struct SyntheticPatient: Sendable {
    /// One version of one resource, in the order in which the source sent it.
    struct Version: Sendable {
        var name: ResourceName
        var bytes: [UInt8]
    }

    let number: Int
    let versions: Int

    /// Hands every version to `body`, in order.
    func forEachVersion<E: Error>(_ body: (Version) throws(E) -> Void) throws(E) {
        let templates = Templates.ofPatient
        var random = SplitMix64(seed: 0xDA_7B00C ^ UInt64(number) << 20)
        for index in 0..<versions {
            let resource = index < templates.count ? index : random.below(templates.count)
            let template = templates[resource]
            let name = ResourceName(patient: number, resource: resource, type: template.type)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(2048)
            template.fill(name, version: index, into: &bytes)
            try body(Version(name: name, bytes: bytes))
        }
    }
}
