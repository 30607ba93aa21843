import CareRecord
import Crypto
import Foundation
import Intake
import Server
import Synchronization

/// Finds out whether a bearer token is good, by issuer, audience, key and time, and what it says. What it says of people is for
/// policy to believe.
final class TokenVerifier: Sendable {
    /// Seconds by which clocks may differ.
    static let leeway = 30.0
    /// Seconds that a token may live.
    static let maximumLife = 24.0 * 3600
    /// Tokens found good that are remembered, so that a signature is checked once.
    static let remembered = 10_000
    /// Seconds for which it is: a key that was taken out of its set is not believed for longer.
    static let rememberedSeconds = 60.0

    private struct Good {
        var claims: TokenClaims
        var expires: Date
        var checkedAt: Date
    }

    private let settings: AccessSettings
    private let external: KeySource?
    private let own: OwnTokens
    private let good = Mutex<[SHA256Digest: Good]>([:])

    init(_ settings: AccessSettings, own: OwnTokens, keys: KeySource?) {
        (self.settings, self.own, external) = (settings, own, keys)
    }

    func verify(_ text: some StringProtocol, now: Date = Date()) async throws(TokenFault) -> TokenClaims {
        guard text.utf8.count <= SignedToken.maximumBytes else { throw .malformed("is too long") }
        let name = SHA256.hash(data: Array(text.utf8))
        let known = good.withLock { $0[name] }
        if let known, now.timeIntervalSince(known.checkedAt) < Self.rememberedSeconds {
            guard now < known.expires else { throw .expired }
            return known.claims
        }
        let token = try SignedToken(text)
        guard let issuer = token.claims["iss"]?.string else { throw .claim("iss") }
        try await check(token, of: issuer)
        let expires = try Self.times(token.claims, now)
        guard Self.audiences(token.claims).contains(settings.audience) else { throw .audience }
        let claims = try Self.claims(token.claims, isDevelopment: issuer == OwnTokens.developmentIssuer)
        good.withLock { good in
            if good.count >= Self.remembered { good.removeAll(keepingCapacity: true) }
            good[name] = Good(claims: claims, expires: expires, checkedAt: now)
        }
        return claims
    }

    private func check(_ token: SignedToken, of issuer: String) async throws(TokenFault) {
        if let keys = own.keys(of: issuer) { return try await keys.check(token) }
        guard issuer == settings.issuer, let external else { throw .issuer }
        try await external.keys(with: token.keyID).check(token)
    }

    /// - Returns: when it expires, leeway included.
    static func times(_ claims: JSONCursor, _ now: Date) throws(TokenFault) -> Date {
        guard let expires = date(claims["exp"]) else { throw .claim("exp") }
        let end = expires.addingTimeInterval(leeway)
        guard now < end else { throw .expired }
        guard expires < now.addingTimeInterval(maximumLife) else { throw .claim("exp") }
        for name in ["nbf", "iat"] {
            guard let claim = claims[name] else { continue }
            guard let start = date(claim) else { throw .claim(name) }
            guard start.addingTimeInterval(-leeway) <= now else { throw .notYetValid }
        }
        return end
    }

    /// A NumericDate (RFC 7519, 2): seconds, perhaps with a fraction.
    static func date(_ claim: JSONCursor?) -> Date? {
        guard let seconds = claim?.double, seconds.isFinite, seconds > 0, seconds < 1e11 else { return nil }
        return Date(timeIntervalSince1970: seconds)
    }

    static func audiences(_ claims: JSONCursor) -> [String] {
        guard let claim = claims["aud"] else { return [] }
        return claim.string.map { [$0] } ?? claim.elements.compactMap(\.string)
    }

    /// `sub`: the user, or the client where it is the client's own id. `selected_roleid`: the role profile (as NHS CIS2 names it).
    static func claims(_ claims: JSONCursor, isDevelopment: Bool) throws(TokenFault) -> TokenClaims {
        guard let subject = text(claims, "sub") else { throw .claim("sub") }
        guard let client = text(claims, "client_id") ?? text(claims, "azp") else { throw .claim("client_id") }
        guard let list = claims["scope"]?.string, let scopes = Scopes(list) else { throw .claim("scope") }
        let isPatient = claims["subject_type"]?.string == "patient"
        var out = TokenClaims(
            user: isPatient || subject == client ? nil : subject, client: client, scopes: scopes)
        out.profile = text(claims, "selected_roleid")
        out.organisation = text(claims, "organisation")
        if claims["patient"] != nil {
            guard let patient = text(claims, "patient").flatMap({ PatientReference($0) }) else {
                throw .claim("patient")
            }
            out.patient = patient
        }
        out.isPatientThemself = isPatient
        if isPatient, out.patient == nil { throw .claim("patient") }
        out.isDevelopment = isDevelopment
        return out
    }

    private static func text(_ claims: JSONCursor, _ name: String) -> String? {
        guard let text = claims[name]?.string, (1...256).contains(text.utf8.count) else { return nil }
        return text
    }
}
