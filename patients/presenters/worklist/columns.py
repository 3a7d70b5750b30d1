"""The worklist's own columns, in their order."""

from patients.plugins import Column, Sort
from patients.worklist import PATIENT, Key

# Of equal rank whoever is overdue the longest comes first.
IN_RANK = (Key("first_overdue_on"), Key("latest_at", descending=True), PATIENT)
URGENCY = Sort("urgency", "Urgency", "descending", (Key("urgency_rank"), Key("grade_rank"), *IN_RANK))
GRADE = Sort("grade", "dissociation", "descending", (Key("grade_rank"), Key("urgency_rank"), *IN_RANK))
NAME = Sort("name", "Patient", "ascending", (Key("sort_name"), PATIENT))
DRAW = Sort("draw", "Last draw", "descending", (Key("last_draw_at", descending=True, apart=True), PATIENT))
INR = Sort("inr", "INR", "descending", (Key("inr_change_pct", descending=True, apart=True), PATIENT))
OVERDUE = Sort("overdue", "Checklist", "descending", (Key("first_overdue_on", apart=True), PATIENT))
CONTACT = Sort("contact", "contact", "descending", (Key("contact_on", apart=True), PATIENT))

COLUMNS = (
    Column("Urgency", sorts=(URGENCY, GRADE), css="act", template="patients/worklist/_grade.html"),
    Column("Patient", sorts=(NAME,), template="patients/worklist/_patient.html"),
    Column("Clinic", template="patients/worklist/_clinic.html", several=True),
    Column("Diagnosis", template="patients/worklist/_diagnosis.html"),
    # Where nothing was compared, this one says why across the next two.
    Column("ALT, U/L", template="patients/worklist/_enzyme.html", span=2),
    Column("INR", sorts=(INR,), template="patients/worklist/_inr.html", span=2),
    Column("Over", template="patients/worklist/_over.html", css="n"),
    Column("Last draw", sorts=(DRAW,), template="patients/worklist/_last_draw.html", css="n"),
    Column("Reviewed", template="patients/worklist/_reviewed.html"),
    Column("Other causes", template="patients/worklist/_causes.html"),
    # What is overdue and who asks about it belong together; either sorts.
    Column("Checklist", sorts=(OVERDUE, CONTACT), template="patients/worklist/_due.html", css="due"),
)
