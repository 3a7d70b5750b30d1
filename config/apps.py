from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from . import older, roles  # noqa: F401 (they register their checks)
