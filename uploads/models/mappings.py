"""What names mean, as people have said."""

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Clinic

from .base import Said, undone_who_when


@pghistory.track(model_name="MappingHistory")
class Mapping(Said):
    """What a name in this sender's files means, or how it writes, as a person of the clinic has said. Nothing
    is guessed."""

    class What(models.TextChoices):
        HEADER = "header", "Column"
        TEST = "test", "Test"
        UNIT = "unit", "Unit"
        # A field of `importers.profile.SenderProfile`.
        WRITES = "writes", "How it writes"

    word = "mapping"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="mappings")
    what = models.CharField(max_length=6, choices=What)
    # The kind of file in which the column stands, the analyte that the unit measures; "" for a test.
    about = models.CharField(max_length=24, blank=True)
    # Folded, as it is compared, and as the file wrote it.
    said = models.CharField(max_length=200, blank=True)
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
                "said",
                condition=Q(undone_at__isnull=True),
                name="mapping_once",
                violation_error_message="Somebody has just said what this means. Look at it under Mappings.",
            ),
            models.CheckConstraint(
                condition=Q(what__in=["header", "test", "unit", "writes"]),
                name="mapping_what_known",
                violation_error_message="A mapping speaks of a column, a test, a unit or a way of writing.",
            ),
            models.CheckConstraint(
                # Only a unit may be missing in the file; a test belongs to nothing.
                condition=(Q(what="unit") | ~Q(said=""))
                & (Q(what="test", about="") | ~Q(what="test") & ~Q(about="")),
                name="mapping_said_and_about",
                violation_error_message="A mapping needs the name in the file and what it belongs to.",
            ),
            undone_who_when(
                "mapping_undone_who_when",
                violation_error_message="Who undid a mapping and when belong together.",
            ),
        ]
