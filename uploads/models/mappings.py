"""What names mean, as people have said."""

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Clinic

from .base import StandingAnswer, undone_who_when


@pghistory.track(model_name="MappingHistory")
class Mapping(StandingAnswer):
    """What a name in this sender's files means, as a person of the clinic has said. Nothing is guessed."""

    class What(models.TextChoices):
        HEADER = "header", "Column"
        TEST = "test", "Test"
        UNIT = "unit", "Unit"

    word = "mapping"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="mappings")
    what = models.CharField(max_length=6, choices=What)
    # The kind of file in which the column stands, the analyte that the unit measures; "" for a test.
    about = models.CharField(max_length=24, blank=True)
    # Folded, as it is compared, and as the file wrote it.
    folded = models.CharField(max_length=200, blank=True)
    shown = models.CharField(max_length=200, blank=True)
    # Our column, analyte or unit; "" for what is never read.
    meant = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ["what", "shown", "id"]
        constraints = [
            models.UniqueConstraint(
                "clinic",
                Lower("sender"),
                "what",
                "about",
                "folded",
                condition=Q(undone_at__isnull=True),
                name="mapping_once",
                violation_error_message="Somebody has just said what this means. Look at it under Mappings.",
            ),
            models.CheckConstraint(
                condition=Q(what__in=["header", "test", "unit"]),
                name="mapping_what_known",
                violation_error_message="A mapping speaks of a column, a test or a unit.",
            ),
            models.CheckConstraint(
                # Only a unit may be missing in the file; a test belongs to nothing.
                condition=(Q(what="unit") | ~Q(folded=""))
                & (Q(what="test", about="") | ~Q(what="test") & ~Q(about="")),
                name="mapping_name_and_about",
                violation_error_message="A mapping needs the name in the file and what it belongs to.",
            ),
            undone_who_when(
                "mapping_undone_who_when",
                violation_error_message="Who undid a mapping and when belong together.",
            ),
        ]
