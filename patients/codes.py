"""Names of our own kinds in FHIR and the public systems beside them: as written, so read back."""

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
DIAGNOSIS = "urn:liver-dissociation:diagnosis"
EVENT = "urn:liver-dissociation:event"
METHOD = "urn:liver-dissociation:method"
# A sender’s own name of a result, as it is kept here.
ORDER = "urn:liver-dissociation:order"
MRN = "urn:liver-dissociation:mrn"
# Reasons to set a card aside: the keys of the other causes of a raised INR, and "known".
OVERRIDE = "urn:liver-dissociation:override-reason"
# Extension: a person has confirmed that the drug was really stopped at its end.
STOP_CONFIRMED = "urn:liver-dissociation:stop-confirmed"
# Extension: why a person should look at a result, which counts all the same.
UNCONFIRMED = "urn:liver-dissociation:unconfirmed"
SECTION = "http://terminology.hl7.org/CodeSystem/v2-0074"
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
ACTIVITY = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
# A file or message that was stored here, by its own number.
UPLOAD = "urn:liver-dissociation:upload"
MR_TYPE = {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}
# Events that are drugs or products given; the others are conditions, procedures and observations.
GIVEN = (
    "vka", "doac", "direct_thrombin_inhibitor", "vitamin_k", "plasma", "pcc", "rfviia", "cryoprecipitate",
    "platelets", "red_cells", "albumin_infusion", "nac", "antibiotic", "tigecycline", "hepatotoxic_drug",
    "interacting_drug",
)  # fmt: skip
CONDITIONS = ("ascites", "encephalopathy", "variceal_bleed", "infection", "pregnancy")
PROCEDURES = ("plasma_exchange", "tips", "transplant", "dialysis", "procedure", "nil_by_mouth")
