from patients.clinic import view as clinic
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
from patients.views.parts import changes, chart, mark, noted, ribbon, scores

from .views.knowledge import chapter, characteristics, safety
from .views.silent import runs

app_name = "patients"
urlpatterns = [
    *worklist.urls,
    *population.urls,
    *notices.urls,
    *people.urls,
    *clinic.urls,
    *detail.urls,
    *diagnoses.urls,
    *events.urls,
    *anticoagulant.urls,
    *draws.urls,
    *marked.urls,
    *noted.urls,
    *dates.urls,
    *fhir.urls,
    *signoffs.urls,
    *overrules.urls,
    *requests.urls,
    *summary.urls,
    *contacts.urls,
    *runs.urls,
    *knowledge.urls,
    *chapter.urls,
    *characteristics.urls,
    *safety.urls,
    *ribbon.urls,
    *chart.urls,
    *changes.urls,
    *mark.urls,
    *scores.urls,
]
