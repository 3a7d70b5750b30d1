from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self):
        from patients import extras
        from patients.demo import load

        from . import demo
        from .columns import ANNOTATIONS, meeting_cell

        extras.patient_parts.append(extras.Part("Meetings of this patient", "meetings:patient"))
        extras.worklist_parts.append(extras.Part("My actions and the next meeting", "meetings:next"))
        extras.worklist_columns.append(extras.Column("Meeting", ANNOTATIONS, meeting_cell))
        load.more.append(demo.load)
