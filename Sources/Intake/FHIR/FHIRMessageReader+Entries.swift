import Wire

/// From a message's JSON to its entries.
extension FHIRMessageReader {
    mutating func readEntries() throws(FHIRFault) {
        let type = try resourceType(0)
        guard type.elementsEqual("Bundle".utf8) else {
            entries = [try entry(resource: 0, type: type, at: 0, fullURL: nil, urlID: nil)]
            return
        }
        guard let kind = try string(.type, of: 0) else {
            throw FHIRFault(.invalidValue, at: 0, "a Bundle needs a type: transaction, batch or collection")
        }
        asserted = try instant(.timestamp, of: 0)
        switch kind {
        case "transaction", "batch", "collection":
            messageID = try bundleIdentifier()
            try readBundle()
        default:
            isOpaque = true
            readOpaqueBundle()
            entries = [try entry(resource: 0, type: type, at: 0, fullURL: nil, urlID: nil)]
        }
    }

    private mutating func readBundle() throws(FHIRFault) {
        guard let list = document.member(.entry, of: 0) else {
            throw FHIRFault(.emptyBundle, at: 0, "the Bundle has no entry: there is nothing to take")
        }
        guard document.tokens[list].kind == .array else { throw wrong(list, "an array of entries") }
        let elements = document.children(of: list)
        guard !elements.isEmpty else {
            throw FHIRFault(.emptyBundle, at: list, "the Bundle has no entry: there is nothing to take")
        }
        guard elements.count <= intake.limits.entries else {
            throw FHIRFault(
                .tooManyEntries, at: list,
                "\(elements.count) entries: at most \(intake.limits.entries) are taken, split the Bundle")
        }
        entries.reserveCapacity(elements.count)
        index = ReferenceIndex(expecting: elements.count)
        var identities = ReferenceIndex(expecting: elements.count)
        for element in elements {
            guard document.tokens[element].kind == .object else { throw wrong(element, "an entry object") }
            var entry = try bundleEntry(element)
            if let id = standing[entries.count] {
                entry.target = intake.target(type: entry.type, id: Array(id.utf8))
                entry.stands = true
            } else if let first = identities.insert(entry.target.reference, entries.count) {
                throw FHIRFault(
                    .duplicateResource, at: entry.at,
                    """
                    \(String(decoding: entry.type, as: UTF8.self))/\
                    \(String(decoding: entry.sourceID, as: UTF8.self)) is here a second time (first at \
                    \(document.path(to: entries[first].at))): which one is current?
                    """)
            }
            try register(entry)
            entries.append(entry)
        }
    }

    private mutating func register(_ entry: BundleEntry) throws(FHIRFault) {
        if let fullURL = entry.fullURL {
            if index.insert(fullURL, entries.count) != nil {
                throw FHIRFault(.duplicateResource, at: entry.at, "another entry has the same fullUrl")
            }
            if let base = Self.base(of: fullURL), bases.count < 8, !bases.contains(base) {
                bases.append(base)
            }
        }
        if entry.isType("Specimen") {
            _ = index.insert(Array("Specimen/".utf8) + entry.sourceID, entries.count)
        }
    }

    private func bundleEntry(_ element: Int) throws(FHIRFault) -> BundleEntry {
        let request = document.member(.request, of: element)
        var method = "PUT"
        var url: String?
        if let request {
            guard document.tokens[request].kind == .object else { throw wrong(request, "a request object") }
            method = try string(.method, of: request) ?? ""
            url = try string(.url, of: request)
        }
        let at = request.flatMap { document.member(.method, of: $0) } ?? element
        switch method {
        case "DELETE": return try deletion(url, at: request ?? element)
        case "POST", "PUT": break
        default:
            throw FHIRFault(
                .unsupportedRequest, at: at,
                "\(method.isEmpty ? "a request without a method" : method) is no update: send POST, PUT or DELETE"
            )
        }
        guard let resource = document.member(.resource, of: element) else {
            throw FHIRFault(.invalidValue, at: element, "the entry has no resource")
        }
        var fullURL: [UInt8]?
        if let value = document.member(.fullUrl, of: element) {
            guard document.tokens[value].kind == .string else { throw wrong(value, "a string") }
            fullURL = document.text(value)
        }
        let type = try resourceType(resource)
        let urlID = method == "PUT" && request != nil ? try putID(url, type, at: request ?? element) : nil
        if method == "POST", let named = url?.utf8.split(separator: Self.slash).last,
            ResourceTypes.isKnown(Array(named)[...]), Array(named) != type
        {
            throw FHIRFault(
                .mismatchedID, at: request ?? element,
                "the request's url names another type than the resource's")
        }
        return try entry(resource: resource, type: type, at: resource, fullURL: fullURL, urlID: urlID)
    }

    /// The id in a PUT's `Type/id`; nil for a conditional one.
    private func putID(_ url: String?, _ type: [UInt8], at index: Int) throws(FHIRFault) -> [UInt8]? {
        guard let url, !url.contains("?") else { return nil }
        guard let (named, id) = Self.typeAndID(Array(url.utf8)) else { return nil }
        guard named == type else {
            throw FHIRFault(
                .mismatchedID, at: index, "the request's url names another type than the resource's")
        }
        return id
    }

    private func deletion(_ url: String?, at index: Int) throws(FHIRFault) -> BundleEntry {
        guard let url, let (type, id) = Self.typeAndID(Array(url.utf8)), !url.contains("?"),
            ResourceTypes.isWellFormed(type), intake.isAcceptableID(id)
        else {
            throw FHIRFault(
                .unsupportedRequest, at: index,
                "a DELETE must name one resource as Type/id: conditional deletion is not taken")
        }
        return BundleEntry(
            at: index, resource: nil, type: type, target: intake.target(type: type, id: id), fullURL: nil)
    }

    /// An entry with its id: the resource's own, else the request's, else the one that its fullUrl ends with.
    func entry(
        resource: Int, type: [UInt8], at index: Int, fullURL: [UInt8]?, urlID: [UInt8]?
    ) throws(FHIRFault) -> BundleEntry {
        var id = urlID ?? fullURL.flatMap { Self.id(fromFullURL: $0, type: type) }
        if let value = document.member(.id, of: resource) {
            guard document.tokens[value].kind == .string else { throw wrong(value, "a string") }
            let own = document.text(value)
            if let urlID, intake.ownID(urlID) != intake.ownID(own) {
                throw FHIRFault(
                    .mismatchedID, at: value, "the request's url names another id than the resource's")
            }
            guard intake.isAcceptableID(own) else {
                throw FHIRFault(
                    .invalidValue, at: value,
                    "an id has 1 to \(intake.limits.idBytes) letters, digits, '-' and '.'")
            }
            id = own
        }
        guard let id, intake.isAcceptableID(id) else {
            throw FHIRFault(
                .missingID, at: resource,
                "the resource has no id, and no fullUrl or url gives it one: updates and references need it")
        }
        return BundleEntry(
            at: index, resource: resource, type: type, target: intake.target(type: type, id: id),
            fullURL: fullURL)
    }

    /// What stands in a Bundle that is kept whole, so that references in it can be told apart. It may be
    /// anything.
    private mutating func readOpaqueBundle() {
        for (position, element) in document.objects(in: document.member(.entry, of: 0)).enumerated() {
            guard position < intake.limits.entries, let resource = document.member(.resource, of: element),
                let type = try? resourceType(resource),
                let url = document.stringMember(.fullUrl, of: element).map({ Array($0.utf8) }),
                let entry = try? entry(resource: resource, type: type, at: resource, fullURL: url, urlID: nil)
            else { continue }
            _ = index.insert(url, entries.count)
            inner.append(entry)
        }
    }
}
