import CareRecord
import Wire

extension RegionEffect {
    /// Consent model, periods, overrides, identity.
    static func settings(from old: RegionSettings, to new: RegionSettings) -> [RegionEffect] {
        var out: [RegionEffect] = []
        if old.consentModel != new.consentModel {
            let what = ["what only a patient's permission opened"]
            out.append(
                new.consentModel == .implied
                    ? RegionEffect("everyone", gains: what) : RegionEffect("everyone", loses: what))
        }
        out.append(
            period(
                "whoever has a permission", "a permission without an end of its own",
                from: old.permissionToViewPeriod, to: new.permissionToViewPeriod))
        out.append(
            period(
                "whoever had a relationship", "after a feed's end of it, or death,",
                from: old.relationshipGracePeriod, to: new.relationshipGracePeriod))
        out.append(
            period(
                "whoever declares an override", "an override without an end of its own",
                from: old.overridePeriod, to: new.overridePeriod))
        for kind in Set(old.overrideMay.keys).union(new.overrideMay.keys).sorted() {
            let rules = (Set(old.overrideMay[kind] ?? []), Set(new.overrideMay[kind] ?? []))
            func words(_ rules: Set<Rule>) -> [String] {
                rules.map(\.rawValue).sorted().map { "what \($0) withholds" }
            }
            out.append(
                RegionEffect(
                    "whoever declares an override (\(kind))", gains: words(rules.1.subtracting(rules.0)),
                    loses: words(rules.0.subtracting(rules.1))))
        }
        if old.identityRule != new.identityRule {
            let (before, after) = (old.identityRule, new.identityRule)
            let names = [(before.familyName, after.familyName), (before.givenName, after.givenName)]
            let isLooser = names.contains { $0.0 == .equal && $0.1 == .similar }
            let isTighter = names.contains { $0.0 == .similar && $0.1 == .equal }
            // Links that stand stay.
            out.append(
                RegionEffect(
                    "everyone", gains: isLooser ? ["records that the new identity rule links"] : [],
                    loses: isTighter
                        ? ["records that the identity rule linked so far: what comes from now on"] : []))
        }
        if old.placeholderNumbers != new.placeholderNumbers {
            let numbers = (Set(old.placeholderNumbers), Set(new.placeholderNumbers))
            out.append(
                RegionEffect(
                    "everyone",
                    gains: numbers.0.subtracting(numbers.1).sorted().map { "records that \($0) links" },
                    loses: numbers.1.subtracting(numbers.0).sorted().map { "records that \($0) linked" }))
        }
        return out
    }

    /// Compared at one day: months differ in length, and a period is counted in days where it can be.
    private static func period(
        _ who: String, _ what: String, from old: CalendarDuration, to new: CalendarDuration
    ) -> RegionEffect {
        if old == new { return RegionEffect(who) }
        let start = StoreCalendar.london.start(of: CivilDate(daysSinceEpoch: 17_532))
        let words = ["\(what) for \(new), before for \(old)"]
        let isLonger =
            StoreCalendar.london.end(of: new, from: start) > StoreCalendar.london.end(of: old, from: start)
        return isLonger ? RegionEffect(who, gains: words) : RegionEffect(who, loses: words)
    }
}
