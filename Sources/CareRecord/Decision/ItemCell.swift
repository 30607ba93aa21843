import Wire

/// What all items of one source, category and subject have in common.
struct ItemCell {
    /// The viewer's own organisation is controller.
    var isOwn = false
    /// Agreement or category withholds: before an item's codes are asked.
    var early: Decision?
    /// Dissent, objection, directive, relationship or permission withholds: after exclusion sets, before labels.
    var middle: Decision?
    /// Seals of the whole category.
    var sealedBy: [Position] = []
    /// What is left when nothing about the item itself withholds: seal, shield, or permit.
    var late: Decision
}
