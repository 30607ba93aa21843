import CareRecord

extension RegionFileReader {
    mutating func readExclusion(_ value: PolicyValue) {
        guard let entry = value.mapping(["id", "reason", "narrative", "codes"]) else { return }
        let reason = entry.required("reason")?.text()
        let narrative = entry["narrative"]?.choice(ExclusionSet.Narrative.self) ?? .withhold
        let lists = codeLists(entry.required("codes"))
        guard let id = entry.required("id")?.identifier() else { return }
        guard declaration.exclusions[id] == nil else {
            entry["id"]?.report("exclusion \(id) is listed twice: keep one")
            return
        }
        declaration.exclusions[id] = ExclusionSet(
            id: id, reason: reason ?? "", narrative: narrative, codes: expanded(lists, in: "exclusion \(id)"))
    }

    mutating func readSensitivity(_ value: PolicyValue) {
        guard let entry = value.mapping(["label", "codes"]) else { return }
        let lists = codeLists(entry.required("codes"))
        guard let label = entry.required("label")?.identifier() else { return }
        guard declaration.sensitivities[label] == nil else {
            entry["label"]?.report("label \(label) is listed twice: put its codes together")
            return
        }
        declaration.sensitivities[label] = SensitivitySet(
            label: label, codes: expanded(lists, in: "label \(label)"))
    }

    mutating func readTerminology(_ value: PolicyValue) {
        guard let entry = value.mapping(["system", "file"]) else { return }
        let file = entry.required("file")?.text()
        guard let system = entry.required("system")?.text(), let file else { return }
        guard terminologies[system] == nil else {
            entry["system"]?.report("the terminology of \(system) is listed twice: put its codes in one file")
            return
        }
        guard let bytes = beside(file) else {
            entry["file"]?.report("no file \(file) can be read beside the region file")
            return
        }
        do throws(Terminology.Fault) {
            terminologies[system] = try Terminology(bytes, file: file)
        } catch { document.report(in: file, line: error.line, error.message) }
    }

    private func codeLists(_ value: PolicyValue?) -> [(list: CodeList, value: PolicyValue)] {
        (value?.list() ?? []).compactMap { list in
            guard let entry = list.mapping(["system", "values", "descendants"]) else { return nil }
            let values = entry.required("values")?.distinct { $0.text() } ?? []
            let descendants = entry["descendants"]?.flag() ?? false
            guard let system = entry.required("system")?.text() else { return nil }
            return (CodeList(system: system, values: values, descendants: descendants), list)
        }
    }

    /// The lists with the codes below theirs, where they ask for them; a notice where that cannot be done.
    private mutating func expanded(
        _ lists: [(list: CodeList, value: PolicyValue)], in set: String
    ) -> [CodeList] {
        lists.map { list, value in
            guard list.descendants else { return list }
            guard let terminology = terminologies[list.system] else {
                notices.append(
                    "\(set): no terminology for \(list.system), so only the codes listed count, not those below them"
                )
                return list
            }
            for code in list.values where !terminology.knows(code) {
                notices.append(
                    "\(set): \(terminology.file) has no code \(code), so nothing below it counts")
            }
            var list = list
            guard let codes = terminology.descendants(of: list.values) else {
                value.report(
                    "more than \(Terminology.maximumExpanded) codes are below these: name narrower ones")
                return list
            }
            list.expanded = codes
            return list
        }
    }
}
