from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        from patients import plugins
        from patients.demo import load

        from . import demo
        from .columns import COLUMN

        plugins.patient_parts.append(plugins.Part("Meetings of this patient", "meetings:patient"))
        plugins.worklist_parts.append(plugins.Part("My actions and the next meeting", "meetings:next"))
        plugins.add_columns([COLUMN])
        load.more.append(demo.load)
