/// The versions of one synthetic patient: every resource once, the patient first, then updates to resources at random.
struct SyntheticPatient: Sendable {
    /// One version of one resource, in the order in which the source sent it.
    struct Version: Sendable {
        var name: ResourceName
        var bytes: [UInt8]
    }

    let number: Int
    let versions: Int

    func start() -> Feed { Feed(number: number) }

    /// Hands every version to `body`, in order.
    func forEachVersion<E: Error>(_ body: (Version) throws(E) -> Void) throws(E) {
        var feed = start()
        for _ in 0..<versions { try body(feed.next()) }
    }

    /// The versions, one after the other.
    struct Feed: Sendable {
        let number: Int
        private var random: SplitMix64
        private var made = 0

        init(number: Int) {
            self.number = number
            random = SplitMix64(seed: 0xDA_7B00C ^ UInt64(number) << 20)
        }

        mutating func next() -> Version {
            let templates = Templates.ofPatient
            let resource = made < templates.count ? made : random.below(templates.count)
            let template = templates[resource]
            let name = ResourceName(patient: number, resource: resource, type: template.type)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(2048)
            template.fill(name, version: made, into: &bytes)
            made += 1
            return Version(name: name, bytes: bytes)
        }
    }
}
