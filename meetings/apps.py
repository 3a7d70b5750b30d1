from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self):
        from patients import plugins
        from patients.demo import load

        from . import demo
        from .columns import ANNOTATIONS, meeting_cell

        plugins.patient_parts.append(plugins.Part("Meetings of this patient", "meetings:patient"))
        plugins.worklist_parts.append(plugins.Part("My actions and the next meeting", "meetings:next"))
        plugins.worklist_columns.append(plugins.Column("Meeting", ANNOTATIONS, meeting_cell))
        load.more.append(demo.load)
