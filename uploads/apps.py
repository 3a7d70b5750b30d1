from django.apps import AppConfig
from django.db.models import Q


class UploadsConfig(AppConfig):
    name = "uploads"

    def ready(self) -> None:
        from patients.actions.merging import others

        from .identity.merged import came_since

        others.came_since.append(came_since)
        others.moves.append(others.Moving("uploads.IdentityDecision", only=Q(undone_at=None)))
