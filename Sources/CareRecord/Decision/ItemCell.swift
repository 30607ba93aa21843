import Wire

/// What all items of one source, category and subject have in common.
final class ItemCell {
    /// The viewer's own organisation is controller.
    let isOwn: Bool
    /// Agreement or category withholds: before an item's codes are asked.
    let early: Decision?
    /// Dissent, objection, directive, relationship or permission withholds: after exclusion sets, before labels.
    let middle: Decision?
    /// Seals of the whole category.
    let seals: [Seal]
    /// What is left when nothing about the item itself withholds: seal, shield, or permit.
    let late: Decision
    /// What is left when an override passed something about the item itself, which the permit then names too.
    let overridden: Decision

    init(
        isOwn: Bool, early: Decision? = nil, middle: Decision?, seals: [Seal], late: Decision,
        overridden: Decision
    ) {
        (self.isOwn, self.early, self.middle, self.seals) = (isOwn, early, middle, seals)
        (self.late, self.overridden) = (late, overridden)
    }
}
