import CareRecord
import Intake
import Projections
import Wire

/// One match, as far as finding shows it.
struct FoundPatient {
    var name: String?
    /// As sent; never shifted.
    var birthDate: String?
    var number: NHSNumber?
    /// Of the home address, else the first.
    var postcodeDistrict: String?
    /// Only compared.
    var gender: String?
    var postcode: Postcode?

    /// - Parameter item: a Patient, its demographics.
    init(_ item: ViewItem, number: NHSNumber?) throws(StoreError) {
        let resource: JSONCursor
        do throws(JSONError) { resource = try JSONDocument(Array(item.resource ?? [])).root } catch {
            throw .io("the Patient at \(item.position) does not read: \(error)")
        }
        name = FHIRText.name(resource["name"])
        birthDate = resource["birthDate"]?.string
        gender = resource["gender"]?.string
        self.number = number
        let addresses = (resource["address"]?.elements ?? []).filter { $0["use"]?.string != "old" }
        let home = addresses.first { $0["use"]?.string == "home" } ?? addresses.first
        postcode = home?["postalCode"]?.string.flatMap { Postcode($0) }
        postcodeDistrict = postcode?.district
    }

    /// By number, then name; those without a number last.
    func precedes(_ other: FoundPatient) -> Bool {
        (number?.value ?? .max, name ?? "", postcodeDistrict ?? "")
            < (other.number?.value ?? .max, other.name ?? "", other.postcodeDistrict ?? "")
    }

    var json: [UInt8] {
        var w = JSONWriter(capacity: 160)
        w.object { w in
            w.member("name", ifPresent: name)
            w.member("birthDate", ifPresent: birthDate)
            w.member("nhsNumber", ifPresent: number?.description)
            w.member("postcodeDistrict", ifPresent: postcodeDistrict)
        }
        return w.finish()
    }
}
