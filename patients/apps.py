from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self) -> None:
        from . import plugins
        from .presenters.parts import PARTS
        from .presenters.worklist.columns import COLUMNS

        plugins.add_columns(COLUMNS)
        plugins.patient_parts.extend(PARTS)
