from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from . import older  # noqa: F401 (registers its check)
        from .embedded import roles  # noqa: F401 (the same)
        from .operating import oldest

        oldest.require()
