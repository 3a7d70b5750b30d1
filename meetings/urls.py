from .views import agenda, closing, letters, outcomes, paper, people, plans, presenting, tasks

app_name = "meetings"
urlpatterns = [
    *plans.urls,
    *agenda.urls,
    *presenting.urls,
    *outcomes.urls,
    *closing.urls,
    *tasks.urls,
    *people.urls,
    *paper.urls,
    *letters.urls,
]
