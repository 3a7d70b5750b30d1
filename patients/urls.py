from .views import (
    changes,
    detail,
    diagnoses,
    draws,
    events,
    fhir,
    knowledge,
    overrules,
    people,
    requests,
    ribbon,
    scores,
    signoffs,
    worklist,
)

app_name = "patients"
urlpatterns = [
    *worklist.urls,
    *people.urls,
    *detail.urls,
    *diagnoses.urls,
    *events.urls,
    *draws.urls,
    *fhir.urls,
    *signoffs.urls,
    *overrules.urls,
    *requests.urls,
    *knowledge.urls,
    *ribbon.urls,
    *changes.urls,
    *scores.urls,
]
