"""The worklist's own columns, in their order."""

from patients.plugins import Column, Sort
from patients.worklist import PATIENT, Key

# Of equal rank whoever is overdue the longest comes first.
IN_RANK = (Key("first_overdue_on"), Key("latest_at", descending=True), PATIENT)
URGENCY = Sort("urgency", "Urgency", "descending", (Key("urgency_rank"), Key("grade_rank"), *IN_RANK))
GRADE = Sort("grade", "dissociation", "descending", (Key("grade_rank"), Key("urgency_rank"), *IN_RANK))
NAME = Sort("name", "Patient", "ascending", (Key("sort_name"), PATIENT))
DRAW = Sort("draw", "Drawn", "descending", (Key("last_draw_at", descending=True, apart=True), PATIENT))
INR = Sort("inr", "INR", "descending", (Key("inr_change_pct", descending=True, apart=True), PATIENT))
OVERDUE = Sort("overdue", "Next action", "descending", (Key("first_overdue_on", apart=True), PATIENT))
CONTACT = Sort("contact", "contact", "descending", (Key("contact_on", apart=True), PATIENT))

AT = "patients/worklist/"
# "wide": only where there is room; a narrow window shows the same in the second line of another column.
COLUMNS = (
    Column("Urgency", sorts=(URGENCY, GRADE), css="act", note="and why", template=f"{AT}_grade.html"),
    Column("Patient", sorts=(NAME,), template=f"{AT}_patient.html"),
    Column("Clinic", css="wide", template=f"{AT}_clinic.html", several=True),
    Column("Diagnosis", css="wide", template=f"{AT}_diagnosis.html"),
    # Where nothing was measured, this one says why across the next.
    Column("ALT, U/L", note="10 to 1,000, line 40", template=f"{AT}_enzyme.html", span=2),
    Column("INR", sorts=(INR,), note="1 to 3, line 1.5 · ▲ above", template=f"{AT}_inr.html", span=2),
    Column("Drawn", sorts=(DRAW,), note="over", template=f"{AT}_drawn.html", css="n drawn"),
    Column("Bilirubin", note="µmol/L", template=f"{AT}_bilirubin.html", css="n wide"),
    Column("Other causes", css="wide", template=f"{AT}_causes.html"),
    # What is due and who asks about it belong together; either sorts.
    Column("Next action", sorts=(OVERDUE, CONTACT), note="when due", template=f"{AT}_due.html", css="due"),
    Column("Reviewed", note="since", template=f"{AT}_reviewed.html", css="reviewed"),
)
