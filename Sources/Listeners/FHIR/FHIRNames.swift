import Hummingbird

/// Types and ids in an address.
enum FHIRNames {
    static func type(_ context: ServerContext) throws -> String {
        try checked(type: context.parameters.get("type") ?? "")
    }

    static func checked(type: String) throws -> String {
        guard (2...64).contains(type.utf8.count),
            type.utf8.first.map({ (0x41...0x5A).contains($0) }) ?? false,
            type.utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) })
        else { throw FHIRError.notFound }
        return type
    }

    /// FHIR's id: letters, digits, `-` and `.`, at most 64.
    static func id(_ context: ServerContext, _ name: String) throws -> String {
        let id = context.parameters.get(name) ?? ""
        guard isID(id) else { throw FHIRError.notFound }
        return id
    }

    static func isID(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
                default: false
                }
            }
    }
}
