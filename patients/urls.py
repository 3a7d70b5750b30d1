from .views import (
    detail,
    diagnoses,
    draws,
    events,
    knowledge,
    overrules,
    people,
    requests,
    ribbon,
    scores,
    signoffs,
    summary,
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
    *signoffs.urls,
    *overrules.urls,
    *requests.urls,
    *summary.urls,
    *knowledge.urls,
    *ribbon.urls,
    *scores.urls,
]
