import Wire

/// The cells of one source and subject, by category, and what they share.
final class SourceCells {
    let source: String
    let subject: Int
    let controller: RegionState.Controller
    /// Agreements of the controller that name the viewer's organisation and the purpose.
    let agreements: [RegionState.AgreementFound]
    /// Where no directive and no seal looks at the category: the same for all that one agreement shares.
    var plain: (agreement: Position?, cell: ItemCell)?
    /// By the category's raw value.
    var cells: [ItemCell?]

    static let categories = Int(Category.allCases.map(\.rawValue).max() ?? 0) + 1

    init(
        source: String, subject: Int, controller: RegionState.Controller,
        agreements: [RegionState.AgreementFound]
    ) {
        self.source = source
        self.subject = subject
        self.controller = controller
        self.agreements = agreements
        cells = Array(repeating: nil, count: Self.categories)
    }
}
