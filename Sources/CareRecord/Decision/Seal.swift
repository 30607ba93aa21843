import Wire

/// A seal in force that hides something from the viewer: one of their own workgroup's does not.
struct Seal: Hashable {
    var position: Position
    var isLocked: Bool
}

/// The seals in force on a patient that hide something from one viewer.
struct Seals {
    var categories: [(categories: CategorySet, seal: Seal)] = []
    /// By the item's name.
    var items: [String: [Seal]] = [:]

    func of(_ category: Category) -> [Seal] {
        categories.filter { $0.categories.isEmpty || $0.categories.contains(category) }.map(\.seal)
    }
}
