from patients.views import (
    anticoagulant,
    contacts,
    dates,
    detail,
    diagnoses,
    draws,
    events,
    fhir,
    knowledge,
    marked,
    notices,
    overrules,
    people,
    requests,
    signoffs,
    summary,
    worklist,
)
from patients.views.parts import changes, chart, ribbon, scores

from .views.knowledge import chapter, characteristics

app_name = "patients"
urlpatterns = [
    *worklist.urls,
    *notices.urls,
    *people.urls,
    *detail.urls,
    *diagnoses.urls,
    *events.urls,
    *anticoagulant.urls,
    *draws.urls,
    *marked.urls,
    *dates.urls,
    *fhir.urls,
    *signoffs.urls,
    *overrules.urls,
    *requests.urls,
    *summary.urls,
    *contacts.urls,
    *knowledge.urls,
    *chapter.urls,
    *characteristics.urls,
    *ribbon.urls,
    *chart.urls,
    *changes.urls,
    *scores.urls,
]
