import Wire

/// How a fact names a patient: by NHS number (every subject bearing it), or one source's local identity.
public enum PatientReference: Hashable, Sendable, CustomStringConvertible {
    case nhs(NHSNumber)
    case subject(SubjectID)

    /// Ten digits (spaces and hyphens as `NHSNumber` reads them), or `ODS:LOCALID`.
    ///
    /// - Returns: nil for anything else, a number with a wrong check digit included.
    public init?(_ text: String) {
        if let number = NHSNumber(text) {
            self = .nhs(number)
        } else if let subject = SubjectID(text) {
            self = .subject(subject)
        } else {
            return nil
        }
    }

    /// An exact NHS number.
    public var isNumber: Bool {
        if case .nhs = self { true } else { false }
    }

    public var description: String {
        switch self {
        case .nhs(let number): number.description
        case .subject(let subject): subject.description
        }
    }
}

extension PatientReference: TextCodable {
    init?(policyText: String) { self.init(policyText) }
    var policyText: String { description }
}
