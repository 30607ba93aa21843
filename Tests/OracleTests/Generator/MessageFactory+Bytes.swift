import Wire

extension MessageFactory {
    static func render(_ message: MessageSpec, single: Bool, _ rng: inout SplitMix64) -> [UInt8] {
        let layout = rng.pick(JSONTree.Layout.allCases)
        if single, let resource = message.items.first?.resource { return Array(resource.text(layout).utf8) }
        let kind = rng.pick(["transaction", "batch", "collection"])
        let deletes = message.items.contains { $0.operation == .delete }
        let entries = message.items.map { item -> JSONTree in
            let key = "\(item.type)/\(item.localID)"
            let method = item.operation == .delete ? "DELETE" : "PUT"
            let request = JSONTree.object(["method": .string(method), "url": .string(key)])
            return .object([
                "fullUrl": message.urls[key].map { .string($0) }, "resource": item.resource,
                "request": kind == "collection" && !deletes ? nil : request,
            ])
        }
        let identifier = message.identifier.map {
            JSONTree.object(["system": "https://example.org/messages", "value": .string($0)])
        }
        let bundle = JSONTree.object([
            "resourceType": "Bundle", "identifier": identifier,
            "type": .string(deletes && kind == "collection" ? "transaction" : kind),
            "timestamp": message.timestamp.map { .string($0.rfc3339) }, "entry": .array(entries),
        ])
        return Array(bundle.text(layout).utf8)
    }
}
