"""Synthetic FHIR R4 resources in the shape of UK Core, from a seeded generator. No real or borrowed record is read."""

import base64
import json

from vocabulary import *


class Maker:
    def __init__(self, rng):
        self.r = rng
        self.patient = self.uuid()
        self.org = rng.choice(ORGS)
        self.style = rng.choice(["urn", "relative", "relative"])
        self.zone = rng.choice(["Z", "+00:00", "+01:00", ".000Z", ".123+00:00"])

    # values

    def uuid(self):
        h = "%032x" % self.r.getrandbits(128)
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

    def date(self):
        return f"{self.r.randint(1930, 2026)}-{self.r.randint(1, 12):02}-{self.r.randint(1, 28):02}"

    def time(self):
        return (
            f"{self.r.randint(2008, 2026)}-{self.r.randint(1, 12):02}-{self.r.randint(1, 28):02}"
            f"T{self.r.randint(0, 23):02}:{self.r.randint(0, 59):02}:{self.r.randint(0, 59):02}{self.zone}"
        )

    def ref(self, kind, who=None):
        who = who or self.uuid()
        return {"reference": f"urn:uuid:{who}" if self.style == "urn" else f"{kind}/{who}"}

    def subject(self):
        return self.ref("Patient", self.patient)

    def shown(self, kind):
        return {**self.ref(kind), "display": self.r.choice(["Dr ", "Nurse ", "Mr ", "Ms "]) + self.name()}

    def concept(self, system, pair, text=True):
        out = {"coding": [{"system": system, "code": pair[0], "display": pair[1]}]}
        if text:
            out["text"] = pair[1]
        return out

    def coded(self, system, code, display=None):
        return {
            "coding": [{"system": THO + system, "code": code, **({"display": display} if display else {})}]
        }

    def name(self):
        return f"{self.r.choice(GIVENS)} {self.r.choice(FAMILIES)}"

    def note(self):
        return " ".join(self.r.sample(SENTENCES, self.r.randint(1, 4)))

    def amount(self, low, high, decimals):
        return round(self.r.uniform(low, high), decimals) if decimals else self.r.randint(low, high)

    def head(self, kind, profile=None):
        out = {"resourceType": kind, "id": self.uuid()}
        meta = {}
        if self.r.random() < 0.6:
            meta["versionId"] = str(self.r.randint(1, 9))
            meta["lastUpdated"] = self.time()
        if self.r.random() < 0.6:
            meta["profile"] = [UKCORE + (profile or kind)]
        if meta:
            out["meta"] = meta
        if self.r.random() < 0.15:
            out["text"] = {
                "status": "generated",
                "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{self.note()}</p></div>',
            }
        if self.r.random() < 0.5:
            out["identifier"] = [{"system": f"https://tools.ietf.org/html/rfc4122", "value": self.uuid()}]
        return out

    def period(self):
        return {"start": self.time(), "end": self.time()}

    # resources

    def make_patient(self):
        o = self.head("Patient")
        o["id"] = self.patient
        number = "".join(self.r.choice("0123456789") for _ in range(10))
        status = {
            "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
            "valueCodeableConcept": {
                "coding": [
                    {
                        "system": UKCS + "NHSNumberVerificationStatusEngland",
                        "code": "01",
                        "display": "Number present and verified",
                    }
                ]
            },
        }
        o["identifier"] = [
            {"extension": [status], "use": "official", "system": NHS + "nhs-number", "value": number},
            {
                "use": "usual",
                "type": self.coded("v2-0203", "MR", "Medical record number"),
                "system": f"{NHS}{self.org[0]}/mrn",
                "value": str(self.r.randint(10**5, 10**8)),
            },
        ]
        o["active"] = True
        family, given = self.r.choice(FAMILIES), self.r.sample(GIVENS, 2)
        o["name"] = [
            {
                "use": "official",
                "family": family,
                "given": given,
                "prefix": [self.r.choice(["Mr", "Mrs", "Ms", "Dr"])],
            }
        ]
        o["telecom"] = [
            {"system": "phone", "value": f"07700 900{self.r.randint(0, 999):03}", "use": "mobile"},
            {"system": "email", "value": f"{given[0].lower()}.{family.lower()}@example.com", "use": "home"},
        ]
        o["gender"] = self.r.choice(["male", "female", "other", "unknown"])
        o["birthDate"] = self.date()
        if self.r.random() < 0.1:
            o["deceasedDateTime"] = self.time()
        o["address"] = [
            {
                "use": "home",
                "type": "both",
                "line": [f"{self.r.randint(1, 200)} {self.r.choice(STREETS)}"],
                "city": self.r.choice(TOWNS),
                "postalCode": f"XX{self.r.randint(1, 30)} {self.r.randint(1, 9)}ZZ",
                "country": "GB",
            }
        ]
        o["maritalStatus"] = self.coded("v3-MaritalStatus", self.r.choice("MSDW"))
        o["contact"] = [
            {
                "relationship": [self.coded("v2-0131", "N", "Next-of-Kin")],
                "name": {"family": self.r.choice(FAMILIES), "given": [self.r.choice(GIVENS)]},
                "telecom": [{"system": "phone", "value": f"020 7946 0{self.r.randint(0, 999):03}"}],
            }
        ]
        o["communication"] = [
            {
                "language": {
                    "coding": [{"system": "urn:ietf:bcp:47", "code": "en-GB", "display": "English"}]
                },
                "preferred": True,
            }
        ]
        o["generalPractitioner"] = [
            {
                "type": "Organization",
                "identifier": {"system": NHS + "ods-organization-code", "value": self.org[0]},
                "display": self.org[1],
            }
        ]
        o["managingOrganization"] = self.ref("Organization")
        return o

    def make_observation(self):
        r, o = self.r, self.head("Observation")
        o["status"] = r.choice(["final", "final", "preliminary", "amended", "corrected"])
        lab = r.random() < 0.55
        code = r.choice(LABS if lab else VITALS)
        category = ("laboratory", "Laboratory") if lab else ("vital-signs", "Vital Signs")
        o["category"] = [self.coded("observation-category", *category)]
        o["code"] = self.concept(LOINC, code, r.random() < 0.7)
        o["subject"] = self.subject()
        o["encounter"] = self.ref("Encounter")
        o["effectiveDateTime"] = self.time()
        o["issued"] = self.time()
        if r.random() < 0.4:
            o["performer"] = [self.shown("Practitioner")]
        quantity = lambda c: {"value": self.amount(*c[3:]), "unit": c[2], "system": UCUM, "code": c[2]}
        kind = r.random()
        if kind < 0.15 and not lab:
            o["code"] = self.concept(LOINC, ("85354-9", "Blood pressure panel with all children optional"))
            o["component"] = [
                {
                    "code": self.concept(LOINC, ("8462-4", "Diastolic Blood Pressure")),
                    "valueQuantity": quantity(("", "", "mm[Hg]", 50, 110, 0)),
                },
                {
                    "code": self.concept(LOINC, ("8480-6", "Systolic Blood Pressure")),
                    "valueQuantity": quantity(("", "", "mm[Hg]", 90, 190, 0)),
                },
            ]
        elif kind < 0.25:
            o["code"] = self.concept(LOINC, ("72166-2", "Tobacco smoking status NHIS"))
            o["valueCodeableConcept"] = self.concept(
                SCT,
                r.choice(
                    [
                        ("266919005", "Never smoked tobacco (finding)"),
                        ("8517006", "Ex-smoker (finding)"),
                        ("77176002", "Smoker (finding)"),
                    ]
                ),
            )
        else:
            o["valueQuantity"] = quantity(code)
            if r.random() < 0.3:
                o["interpretation"] = [self.coded("v3-ObservationInterpretation", r.choice("NHLA"))]
            if r.random() < 0.3:
                o["referenceRange"] = [
                    {
                        "low": {"value": code[3], "unit": code[2], "system": UCUM, "code": code[2]},
                        "high": {"value": code[4], "unit": code[2], "system": UCUM, "code": code[2]},
                    }
                ]
        return o

    def make_condition(self):
        o = self.head("Condition")
        o["clinicalStatus"] = self.coded(
            "condition-clinical", self.r.choice(["active", "resolved", "inactive", "remission"])
        )
        o["verificationStatus"] = self.coded(
            "condition-ver-status", self.r.choice(["confirmed", "provisional", "unconfirmed"])
        )
        o["category"] = [
            self.coded(
                "condition-category",
                *self.r.choice(
                    [
                        ("problem-list-item", "Problem List Item"),
                        ("encounter-diagnosis", "Encounter Diagnosis"),
                    ]
                ),
            )
        ]
        o["code"] = self.concept(SCT, self.r.choice(CONDITIONS))
        o.update(
            subject=self.subject(),
            encounter=self.ref("Encounter"),
            onsetDateTime=self.time(),
            recordedDate=self.time(),
        )
        if self.r.random() < 0.4:
            o["abatementDateTime"] = self.time()
        return o

    def make_medication_request(self, kind="MedicationRequest"):
        r, o = self.r, self.head(kind)
        o["status"] = r.choice(["active", "completed", "stopped", "cancelled"])
        if kind == "MedicationRequest":
            o["intent"] = r.choice(["order", "plan"])
            o["category"] = [self.coded("medicationrequest-category", "community", "Community")]
        system = r.choice([DMD, SCT, "http://www.nlm.nih.gov/research/umls/rxnorm"])
        o["medicationCodeableConcept"] = self.concept(system, r.choice(MEDICINES))
        o["subject"] = self.subject()
        if kind == "MedicationRequest":
            o.update(
                encounter=self.ref("Encounter"), authoredOn=self.time(), requester=self.shown("Practitioner")
            )
            if r.random() < 0.5:
                o["reasonReference"] = [self.ref("Condition")]
        else:
            o.update(effectivePeriod=self.period(), dateAsserted=self.time())
        text, dose, times, unit = r.choice(DOSES)
        when = {"timing": {"repeat": {"frequency": times, "period": 1.0, "periodUnit": unit}}}
        how = {
            "doseAndRate": [
                {"type": self.coded("dose-rate-type", "ordered", "Ordered"), "doseQuantity": {"value": dose}}
            ]
        }
        field = "dosageInstruction" if kind == "MedicationRequest" else "dosage"
        o[field] = [
            {
                "sequence": 1,
                "text": text,
                **when,
                "asNeededBoolean": r.random() < 0.2,
                "route": self.concept(SCT, ("26643006", "Oral route"), False),
                **how,
            }
        ]
        if kind == "MedicationRequest" and r.random() < 0.6:
            o["dispenseRequest"] = {
                "validityPeriod": self.period(),
                "quantity": {
                    "value": r.choice([28, 56, 30, 100]),
                    "unit": "tablet",
                    "system": SCT,
                    "code": "428673006",
                },
                "expectedSupplyDuration": {"value": 28, "unit": "day", "system": UCUM, "code": "d"},
            }
        return o

    def make_encounter(self):
        o = self.head("Encounter")
        o["status"] = self.r.choice(["finished", "in-progress", "planned"])
        o["class"] = {"system": THO + "v3-ActCode", "code": self.r.choice(["AMB", "IMP", "EMER", "HH", "VR"])}
        o["type"] = [self.concept(SCT, self.r.choice(ENCOUNTERS))]
        o["subject"] = {**self.subject(), "display": self.name()}
        o["participant"] = [
            {
                "type": [self.coded("v3-ParticipationType", "PPRF", "primary performer")],
                "period": self.period(),
                "individual": self.shown("Practitioner"),
            }
        ]
        o["period"] = self.period()
        if self.r.random() < 0.4:
            o["reasonCode"] = [self.concept(SCT, self.r.choice(CONDITIONS), False)]
        if self.r.random() < 0.2:
            o["hospitalization"] = {
                "admitSource": self.coded("admit-source", "emd"),
                "dischargeDisposition": self.coded("discharge-disposition", "home", "Home"),
            }
        o["location"] = [{"location": {**self.ref("Location"), "display": self.org[1]}}]
        o["serviceProvider"] = {**self.ref("Organization"), "display": self.org[1]}
        return o

    def make_report(self):
        o = self.head("DiagnosticReport")
        o["status"] = self.r.choice(["final", "preliminary", "amended"])
        o["category"] = [
            self.coded(
                "v2-0074",
                *self.r.choice(
                    [("LAB", "Laboratory"), ("RAD", "Radiology"), ("HM", "Hematology"), ("CH", "Chemistry")]
                ),
            )
        ]
        o["code"] = self.concept(LOINC, self.r.choice(REPORTS))
        o.update(
            subject=self.subject(),
            encounter=self.ref("Encounter"),
            effectiveDateTime=self.time(),
            issued=self.time(),
            performer=[{**self.ref("Organization"), "display": self.org[1]}],
        )
        o["result"] = [
            {**self.ref("Observation"), "display": c[1]} for c in self.r.sample(LABS, self.r.randint(1, 6))
        ]
        if self.r.random() < 0.3:
            o["conclusion"] = self.note()
        if self.r.random() < 0.2:
            o["presentedForm"] = [
                {"contentType": "text/plain", "data": base64.b64encode(self.note().encode()).decode()}
            ]
        return o

    def make_procedure(self):
        o = self.head("Procedure")
        o.update(
            status="completed",
            code=self.concept(SCT, self.r.choice(PROCEDURES)),
            subject=self.subject(),
            encounter=self.ref("Encounter"),
            performedPeriod=self.period(),
        )
        if self.r.random() < 0.3:
            o["performer"] = [{"actor": self.shown("Practitioner")}]
        o["location"] = {**self.ref("Location"), "display": self.org[1]}
        return o

    def make_immunization(self):
        o = self.head("Immunization")
        o.update(
            status="completed",
            vaccineCode=self.concept(
                self.r.choice([SCT, "http://hl7.org/fhir/sid/cvx"]), self.r.choice(VACCINES)
            ),
            patient=self.subject(),
            encounter=self.ref("Encounter"),
            occurrenceDateTime=self.time(),
            primarySource=True,
            lotNumber=f"{self.r.randint(1000, 99999)}AB",
            site=self.concept(SCT, ("368208006", "Left upper arm structure"), False),
            doseQuantity={"value": 0.5, "unit": "ml", "system": UCUM, "code": "mL"},
            protocolApplied=[{"doseNumberPositiveInt": self.r.randint(1, 4)}],
        )
        return o

    def make_allergy(self):
        o = self.head("AllergyIntolerance")
        o["clinicalStatus"] = self.coded("allergyintolerance-clinical", "active", "Active")
        o["verificationStatus"] = self.coded("allergyintolerance-verification", "confirmed", "Confirmed")
        o.update(
            type="allergy",
            category=[self.r.choice(["medication", "food", "environment"])],
            criticality=self.r.choice(["low", "high"]),
            code=self.concept(SCT, self.r.choice(ALLERGENS)),
            patient=self.subject(),
            recordedDate=self.time(),
            reaction=[{"manifestation": [self.concept(SCT, ("247472004", "Hives"))], "severity": "moderate"}],
        )
        return o

    def make_document(self):
        o = self.head("DocumentReference")
        o.update(
            status="current",
            type=self.concept(SCT, self.r.choice(DOCUMENTS)),
            category=[{"coding": [{"system": SCT, "code": "734163000", "display": "Care plan"}]}],
            subject=self.subject(),
            date=self.time(),
            author=[self.shown("Practitioner")],
            custodian=self.ref("Organization"),
            content=[
                {
                    "attachment": {
                        "contentType": "text/plain; charset=utf-8",
                        "data": base64.b64encode(self.note().encode()).decode(),
                        "title": "Letter",
                        "creation": self.time(),
                    }
                }
            ],
            context={"encounter": [self.ref("Encounter")], "period": self.period()},
        )
        return o

    def make_appointment(self):
        o = self.head("Appointment")
        o.update(
            status=self.r.choice(["booked", "fulfilled", "cancelled", "noshow"]),
            specialty=[self.concept(THO + "c80-practice-codes", self.r.choice(SPECIALTIES), False)],
            description=self.note(),
            start=self.time(),
            end=self.time(),
            minutesDuration=self.r.choice([10, 15, 20, 30]),
            created=self.time(),
            participant=[
                {"actor": self.subject(), "required": "required", "status": "accepted"},
                {"actor": self.ref("Location"), "status": "accepted"},
            ],
        )
        return o

    def make_care_plan(self):
        o = self.head("CarePlan")
        o.update(
            status=self.r.choice(["active", "completed"]),
            intent="order",
            category=[self.concept(SCT, ("734163000", "Care plan"))],
            subject=self.subject(),
            encounter=self.ref("Encounter"),
            period=self.period(),
            careTeam=[self.ref("CareTeam")],
            addresses=[self.ref("Condition")],
            activity=[
                {
                    "detail": {
                        "code": self.concept(SCT, self.r.choice(PROCEDURES)),
                        "status": "in-progress",
                        "location": {"display": self.org[1]},
                        "description": self.note(),
                    }
                }
                for _ in range(self.r.randint(1, 3))
            ],
        )
        return o

    def make_care_team(self):
        o = self.head("CareTeam")
        o.update(
            status="active",
            subject=self.subject(),
            encounter=self.ref("Encounter"),
            period={"start": self.time()},
            participant=[
                {
                    "role": [self.concept(SCT, ("223366009", "Healthcare professional"))],
                    "member": self.shown("Practitioner"),
                },
                {"role": [self.concept(SCT, ("116154003", "Patient"))], "member": self.subject()},
            ],
            reasonCode=[self.concept(SCT, self.r.choice(CONDITIONS), False)],
            managingOrganization=[{**self.ref("Organization"), "display": self.org[1]}],
        )
        return o

    def make_organisation(self):
        o = self.head("Organization")
        o.update(
            identifier=[{"system": NHS + "ods-organization-code", "value": self.org[0]}],
            active=True,
            type=[self.coded("organization-type", "prov", "Healthcare Provider")],
            name=self.org[1],
            telecom=[{"system": "phone", "value": "01632 960001", "use": "work"}],
            address=[
                {
                    "line": [f"1 {self.r.choice(STREETS)}"],
                    "city": self.r.choice(TOWNS),
                    "postalCode": "XX1 1ZZ",
                    "country": "GB",
                }
            ],
        )
        return o

    def make_practitioner(self):
        o = self.head("Practitioner")
        o.update(
            identifier=[
                {"system": NHS + "sds-user-id", "value": str(self.r.randint(10**11, 10**12 - 1))},
                {
                    "system": "https://fhir.hl7.org.uk/Id/gmc-number",
                    "value": f"C{self.r.randint(10 ** 6, 10 ** 7 - 1)}",
                },
            ],
            active=True,
            name=[
                {
                    "use": "official",
                    "family": self.r.choice(FAMILIES),
                    "given": [self.r.choice(GIVENS)],
                    "prefix": ["Dr"],
                }
            ],
            telecom=[{"system": "email", "value": "name@example.nhs.uk", "use": "work"}],
            gender=self.r.choice(["male", "female"]),
        )
        return o

    def make_location(self):
        o = self.head("Location")
        o.update(
            status="active",
            name=self.org[1],
            mode="instance",
            type=[self.coded("v3-RoleCode", "HOSP", "Hospital")],
            address={"line": [self.r.choice(STREETS)], "city": self.r.choice(TOWNS), "country": "GB"},
            managingOrganization=self.ref("Organization"),
        )
        return o

    def make_service_request(self):
        o = self.head("ServiceRequest")
        o.update(
            status="active",
            intent="order",
            priority="routine",
            category=[self.concept(SCT, ("108252007", "Laboratory procedure"), False)],
            code=self.concept(SCT, self.r.choice(PROCEDURES)),
            subject=self.subject(),
            encounter=self.ref("Encounter"),
            authoredOn=self.time(),
            requester=self.shown("Practitioner"),
            performer=[self.ref("Organization")],
            reasonCode=[self.concept(SCT, self.r.choice(CONDITIONS))],
            note=[{"text": self.note()}],
        )
        return o

    def make_flag(self):
        o = self.head("Flag")
        o.update(
            status="active",
            category=[self.coded("flag-category", "safety", "Safety")],
            code=self.concept(SCT, ("129839007", "At risk for falls")),
            subject=self.subject(),
            period={"start": self.time()},
        )
        return o

    def make_specimen(self):
        o = self.head("Specimen")
        o.update(
            accessionIdentifier={
                "system": f"{NHS}{self.org[0]}/accession",
                "value": str(self.r.randint(10**6, 10**9)),
            },
            status="available",
            type=self.concept(SCT, ("119297000", "Blood specimen")),
            subject=self.subject(),
            receivedTime=self.time(),
            collection={"collectedDateTime": self.time()},
        )
        return o

    def make_imaging_study(self):
        o = self.head("ImagingStudy")
        modality = {
            "system": "http://dicom.nema.org/resources/ontology/DCM",
            "code": self.r.choice(["CT", "MR", "DX", "US"]),
            "display": "Digital Radiography",
        }
        o.update(
            status="available",
            modality=[modality],
            subject=self.subject(),
            encounter=self.ref("Encounter"),
            started=self.time(),
            numberOfSeries=1,
            numberOfInstances=1,
            series=[
                {
                    "uid": f"1.2.840.99999999.1.{self.r.randint(10 ** 6, 10 ** 8)}",
                    "number": 1,
                    "modality": modality,
                    "numberOfInstances": 1,
                    "bodySite": {
                        "system": SCT,
                        "code": "51185008",
                        "display": "Thoracic structure (body structure)",
                    },
                    "started": self.time(),
                }
            ],
        )
        return o

    def any(self):
        kinds = [
            (self.make_observation, 30),
            (self.make_condition, 10),
            (self.make_medication_request, 10),
            (lambda: self.make_medication_request("MedicationStatement"), 4),
            (self.make_encounter, 10),
            (self.make_report, 8),
            (self.make_procedure, 8),
            (self.make_immunization, 4),
            (self.make_allergy, 4),
            (self.make_document, 4),
            (self.make_appointment, 4),
            (self.make_patient, 5),
            (self.make_care_plan, 3),
            (self.make_care_team, 2),
            (self.make_organisation, 1),
            (self.make_practitioner, 1),
            (self.make_location, 1),
            (self.make_service_request, 3),
            (self.make_flag, 1),
            (self.make_specimen, 1),
            (self.make_imaging_study, 1),
        ]
        return self.r.choices([k for k, _ in kinds], [w for _, w in kinds])[0]()


def compact(resource):
    return json.dumps(resource, separators=(",", ":"), ensure_ascii=False)


def bundle(maker, count):
    entries = []
    for _ in range(count):
        resource = maker.any()
        entries.append(
            {
                "fullUrl": f"urn:uuid:{resource['id']}",
                "resource": resource,
                "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"},
            }
        )
    return {
        "resourceType": "Bundle",
        "id": maker.uuid(),
        "identifier": {"system": "https://fhir.example.nhs.uk/message", "value": maker.uuid()},
        "type": "transaction",
        "timestamp": maker.time(),
        "entry": entries,
    }
