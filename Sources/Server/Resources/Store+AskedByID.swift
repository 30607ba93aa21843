import CareRecord

/// Whether an id leads to a patient (decision 19, clause 5): that an id is one of theirs is told where anything of its source is shown.
extension Store {
    /// - Returns: false where whoever asks by a Patient's id is shown nothing of its source, and does not work there: then the id is
    ///   answered as one that nobody has.
    func leads(_ asked: AskedPatient?, to decided: DecidedView) -> Bool {
        guard case .id(let id) = asked, let dot = id.firstIndex(of: ".") else { return true }
        let source = String(id[..<dot])
        if decided.context?.viewer.organisation == source { return true }
        return decided.sources.contains(source)
    }
}
