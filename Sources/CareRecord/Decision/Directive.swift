import Wire

/// A consent directive that names the viewer.
struct Directive {
    var position: Position
    var denies: Bool
    /// 3 names a user, 2 a workgroup, 1 an organisation, 0 nobody.
    var who: Int
    /// Empty: every category.
    var categories: CategorySet
    var from: Instant
    var scope: PatientFacts.Scope
    var carried: Bool

    /// The most specific scope, then the latest; ties deny.
    func decidesBefore(_ other: Directive) -> Bool {
        if who != other.who { return who > other.who }
        if categories.isEmpty != other.categories.isEmpty { return other.categories.isEmpty }
        if from != other.from { return from > other.from }
        if denies != other.denies { return denies }
        return position < other.position
    }

    /// A denial binds the union; a permit counts only for the subjects it names.
    func applies(_ category: Category, subject: Int) -> Bool {
        (categories.isEmpty || categories.contains(category))
            && (denies || (!carried && scope.names(subject)))
    }
}
