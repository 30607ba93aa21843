extension RegionFact: Codable {
    private enum Key: String, CodingKey { case kind, value }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(payload, forKey: .value)
    }

    private var payload: any Encodable {
        switch self {
        case .settings(let value): value
        case .organisationOnboarded(let value), .organisationChanged(let value): value
        case .organisationClosed(let value): value
        case .charterSigned(let value): value
        case .licencePool(let value): value
        case .feedDeclared(let value): value
        case .agreementSigned(let value), .agreementAmended(let value): value
        case .roleBaseline(let value): value
        case .userRegistered(let value), .userChanged(let value): value
        case .roleProfileAssigned(let value): value
        case .licenceAssigned(let value): value
        case .exclusionSetPublished(let value): value
        case .sensitivityPublished(let value): value
        case .clientRegistered(let value): value
        case .charterEnded(let end), .feedEnded(let end), .agreementSuspended(let end),
            .agreementResumed(let end),
            .agreementEnded(let end), .roleWithdrawn(let end), .userLeft(let end),
            .roleProfileRevoked(let end),
            .licenceReleased(let end), .exclusionSetEnded(let end), .sensitivityEnded(let end),
            .clientEnded(let end):
            end
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let kind = try container.decode(Kind.self, forKey: .kind)
        if let ended = try Self.ending(kind, container) {
            self = ended
            return
        }
        func value<Value: Decodable>() throws -> Value { try container.decode(Value.self, forKey: .value) }
        self =
            switch kind {
            case .settings: .settings(try value())
            case .organisationOnboarded: .organisationOnboarded(try value())
            case .organisationChanged: .organisationChanged(try value())
            case .organisationClosed: .organisationClosed(try value())
            case .charterSigned: .charterSigned(try value())
            case .licencePool: .licencePool(try value())
            case .feedDeclared: .feedDeclared(try value())
            case .agreementSigned: .agreementSigned(try value())
            case .agreementAmended: .agreementAmended(try value())
            case .roleBaseline: .roleBaseline(try value())
            case .userRegistered: .userRegistered(try value())
            case .userChanged: .userChanged(try value())
            case .roleProfileAssigned: .roleProfileAssigned(try value())
            case .licenceAssigned: .licenceAssigned(try value())
            case .exclusionSetPublished: .exclusionSetPublished(try value())
            case .sensitivityPublished: .sensitivityPublished(try value())
            case .clientRegistered: .clientRegistered(try value())
            default:
                throw DecodingError.dataCorruptedError(
                    forKey: .kind, in: container, debugDescription: "no reading for \(kind.rawValue)")
            }
    }

    private static func ending(_ kind: Kind, _ container: KeyedDecodingContainer<Key>) throws -> RegionFact? {
        let make: ((RegionEnd) -> RegionFact)? =
            switch kind {
            case .charterEnded: RegionFact.charterEnded
            case .feedEnded: RegionFact.feedEnded
            case .agreementSuspended: RegionFact.agreementSuspended
            case .agreementResumed: RegionFact.agreementResumed
            case .agreementEnded: RegionFact.agreementEnded
            case .roleWithdrawn: RegionFact.roleWithdrawn
            case .userLeft: RegionFact.userLeft
            case .roleProfileRevoked: RegionFact.roleProfileRevoked
            case .licenceReleased: RegionFact.licenceReleased
            case .exclusionSetEnded: RegionFact.exclusionSetEnded
            case .sensitivityEnded: RegionFact.sensitivityEnded
            case .clientEnded: RegionFact.clientEnded
            default: nil
            }
        guard let make else { return nil }
        return make(try container.decode(RegionEnd.self, forKey: .value))
    }

    /// The event's bytes.
    public func json() throws -> [UInt8] { try PolicyJSON.encode(self) }

    public init(json bytes: some Collection<UInt8>) throws {
        self = try PolicyJSON.decode(Self.self, from: bytes)
    }
}
