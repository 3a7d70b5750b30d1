from .views import detail, diagnoses, draws, events, fhir, people, worklist

app_name = "patients"
urlpatterns = [
    *worklist.urls,
    *people.urls,
    *detail.urls,
    *diagnoses.urls,
    *events.urls,
    *draws.urls,
    *fhir.urls,
]
