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
    population,
    requests,
    signoffs,
    summary,
    worklist,
)
from patients.views.parts import changes, ribbon, scores

from .views.knowledge import characteristics

app_name = "patients"
urlpatterns = [
    *worklist.urls,
    *population.urls,
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
    *characteristics.urls,
    *ribbon.urls,
    *changes.urls,
    *scores.urls,
]
