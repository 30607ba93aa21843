import Wire

extension RegionHistory {
    /// The facts themselves, by what they are about.
    struct Facts: Sendable {
        /// The last fact's position; `start` before the first.
        private(set) var head: Position = .start
        /// What all the facts so far add up to: what a new region file is compared with.
        private(set) var declaration = RegionDeclaration()

        var settings = Versions<RegionSettings>()
        /// By IANA name: making one reads the zone's rules, too slow for every decision.
        var calendars: [String: StoreCalendar] = [:]
        var organisations: [String: OrganisationHistory] = [:]
        var agreements: [String: AgreementHistory] = [:]
        var users: [String: UserHistory] = [:]
        var roles: [String: Versions<RoleBaseline>] = [:]
        var exclusions: [String: Versions<CodeSetVersion>] = [:]
        var sensitivities: [String: Versions<CodeSetVersion>] = [:]
        var clients: [String: Versions<ClientDetails>] = [:]

        /// Takes the next fact in. Positions ascend: a fact at or before the head is a programming error.
        mutating func append(_ fact: RegionFact, position: Position, recordedAt: Instant) {
            precondition(position > head, "region facts come in the order of the log")
            head = position
            declaration.apply(fact)
            switch fact {
            case .settings(let value):
                settings.append(value, position: position, from: recordedAt)
                if calendars[value.timeZone] == nil { calendars[value.timeZone] = value.calendar }
            case .organisationOnboarded(let value):
                organisations[value.ods, default: .init()].onboarded.append(position)
                organisations[value.ods]?.details.append(value, position: position, from: recordedAt)
            case .organisationChanged(let value):
                organisations[value.ods, default: .init()].details.append(
                    value, position: position, from: recordedAt)
            case .organisationClosed(let value):
                organisations[value.ods, default: .init()].closures.append(
                    (position, value.from ?? recordedAt, value))
            case .charterSigned(let value):
                organisations[value.ods, default: .init()].charters.declare(
                    value, position: position, recordedAt: recordedAt)
            case .charterEnded(let end):
                organisations[end.id]?.charters.end(position: position, from: end.from ?? recordedAt)
            case .feedDeclared(let value):
                organisations[value.ods, default: .init()].feeds.append(
                    value, position: position, from: recordedAt)
            case .feedEnded(let end):
                organisations[end.id, default: .init()].feeds.append(
                    nil, position: position, from: end.from ?? recordedAt)
            case .licencePool: break
            default: appendOther(fact, position, recordedAt)
            }
        }

        private mutating func appendOther(_ fact: RegionFact, _ position: Position, _ recordedAt: Instant) {
            func start(_ end: RegionEnd) -> Instant { end.from ?? recordedAt }
            switch fact {
            case .agreementSigned(let terms), .agreementAmended(let terms):
                agreements[terms.id, default: .init()].terms.declare(
                    terms, position: position, recordedAt: recordedAt)
                organisations[terms.controller, default: .init()].agreements.insert(terms.id)
            case .agreementEnded(let end): agreements[end.id]?.terms.end(position: position, from: start(end))
            case .agreementSuspended(let end):
                agreements[end.id]?.suspensions.append((position, start(end), true))
            case .agreementResumed(let end):
                agreements[end.id]?.suspensions.append((position, start(end), false))
            case .roleBaseline(let value):
                roles[value.code, default: .init()].append(value, position: position, from: recordedAt)
            case .roleWithdrawn(let end):
                roles[end.id, default: .init()].append(nil, position: position, from: start(end))
            case .userRegistered(let value):
                let from = min(recordedAt, value.from ?? recordedAt)
                users[value.id, default: .init()].details.append(value, position: position, from: from)
            case .userChanged(let value):
                users[value.id, default: .init()].details.append(value, position: position, from: recordedAt)
            case .userLeft(let end):
                users[end.id, default: .init()].details.append(nil, position: position, from: start(end))
            case .roleProfileAssigned(let value):
                users[value.user, default: .init()].profiles[value.id, default: Spans { ($0.from, $0.to) }]
                    .declare(value, position: position, recordedAt: recordedAt)
            case .roleProfileRevoked(let end):
                users[end.user ?? ""]?.profiles[end.id]?.end(position: position, from: start(end))
            case .licenceAssigned(let value):
                users[value.user, default: .init()].licences[value.ods, default: Spans { ($0.from, nil) }]
                    .declare(value, position: position, recordedAt: recordedAt)
            case .licenceReleased(let end):
                users[end.user ?? ""]?.licences[end.id]?.end(position: position, from: start(end))
            case .exclusionSetPublished(let set):
                let codes = CodeSetVersion(
                    name: set.id, codes: set.codes, withholdsNarrative: set.narrative == .withhold)
                exclusions[set.id, default: .init()].append(codes, position: position, from: recordedAt)
            case .exclusionSetEnded(let end):
                exclusions[end.id, default: .init()].append(nil, position: position, from: start(end))
            case .sensitivityPublished(let set):
                let codes = CodeSetVersion(name: set.label, codes: set.codes)
                sensitivities[set.label, default: .init()].append(codes, position: position, from: recordedAt)
            case .sensitivityEnded(let end):
                sensitivities[end.id, default: .init()].append(nil, position: position, from: start(end))
            case .clientRegistered(let value):
                clients[value.id, default: .init()].append(value, position: position, from: recordedAt)
            case .clientEnded(let end):
                clients[end.id, default: .init()].append(nil, position: position, from: start(end))
            default: break
            }
        }
    }
}
