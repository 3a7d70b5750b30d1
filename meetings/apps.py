from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self):
        from patients import extras
        from patients.demo import load

        from . import demo
        from .columns import meeting_cells

        extras.patient_parts.append(extras.Part("Meetings of this patient", "meetings:patient"))
        extras.worklist_parts.append(extras.Part("My actions and the next meeting", "meetings:next"))
        extras.worklist_columns.append(extras.Column("Meeting", meeting_cells))
        load.more.append(demo.load)
