/// A published set of codes, ready to be asked.
public struct CodeSetVersion: Sendable {
    /// The exclusion set's id, or the label.
    public let name: String
    public let codings: Set<Coding>

    init(name: String, codes: [CodeList]) {
        self.name = name
        codings = Set(codes.flatMap(\.codings))
    }
}
