from .views import (
    agenda,
    attendance,
    closing,
    figures,
    letters,
    outcomes,
    paper,
    people,
    plans,
    presenting,
    tasks,
)

app_name = "meetings"
urlpatterns = [
    *plans.urls,
    *agenda.urls,
    *presenting.urls,
    *outcomes.urls,
    *attendance.urls,
    *closing.urls,
    *tasks.urls,
    *people.urls,
    *paper.urls,
    *letters.urls,
    *figures.urls,
]
