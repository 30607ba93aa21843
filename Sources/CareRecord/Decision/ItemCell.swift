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
    let sealedBy: [Position]
    /// What is left when nothing about the item itself withholds: seal, shield, or permit.
    let late: Decision

    init(isOwn: Bool, middle: Decision?, sealedBy: [Position], late: Decision) {
        (self.isOwn, early, self.middle, self.sealedBy, self.late) = (isOwn, nil, middle, sealedBy, late)
    }

    /// Withheld whatever the item is.
    init(early decision: Decision) {
        (isOwn, early, middle, sealedBy, late) = (false, decision, nil, [], decision)
    }
}
