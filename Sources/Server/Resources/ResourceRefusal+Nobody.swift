import Wire

extension ResourceRefusal {
    /// The empty searchset of a search by an identifier that patients are not looked up by. It is recorded already.
    public func nobody(_ request: ResourceRequest) -> ResourceAnswer {
        var bundle = BundleWriter(base: request.base, type: "searchset")
        bundle.selfLink = "\(request.base)/\(request.query)"
        bundle.total = 0
        bundle.addOtherSystem()
        return ResourceAnswer(
            body: bundle.finished(), position: position, receipt: receipt, version: nil, lastModified: nil)
    }
}
