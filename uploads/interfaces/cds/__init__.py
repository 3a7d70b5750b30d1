"""CDS Hooks 2.0, hook `patient-view`: a record system asks when a clinician opens a patient, and shows our cards.

`tokens`: who asks; `asked`: the request; `supplied`: FHIR resources to a case; `cards`: a report to cards; `views`.
"""
