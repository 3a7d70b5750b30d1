from .views import detail, diagnoses, draws, events, people, scores, worklist

app_name = "patients"
urlpatterns = [
    *worklist.urls,
    *people.urls,
    *detail.urls,
    *diagnoses.urls,
    *events.urls,
    *draws.urls,
    *scores.urls,
]
