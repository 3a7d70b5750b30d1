"""Files, what is kept of their bytes, and what became of each of their rows."""

from uuid import uuid4

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Clinic, User
from interpretation.words import upper_first

from .base import undone_who_when
from .senders import Sender


@pghistory.track(model_name="UploadHistory", exclude=["before", "unknown", "digests"])
class Upload(models.Model):
    """One file, or one sheet of one. Files dropped together share a batch and see each other's patients."""

    class Kind(models.TextChoices):
        PATIENTS = "patients", "Patients"
        DIAGNOSES = "diagnoses", "Diagnoses"
        EVENTS = "events", "Events"
        LABS = "labs", "Laboratory results"
        RECORD = "record", "Whole records"
        UNKNOWN = "", "Not recognised"

    class State(models.TextChoices):
        # Received; a worker reads it.
        QUEUED = "queued", "Waiting to be read"
        PREVIEWED = "previewed", "Waiting for confirmation"
        # Cannot be read before a person says what its names mean; its content is kept until then.
        UNMAPPED = "unmapped", "Waiting for names"
        STORED = "stored", "Stored"
        REFUSED = "refused", "Refused"
        DISCARDED = "discarded", "Discarded"
        UNDONE = "undone", "Undone"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    batch = models.UUIDField(default=uuid4, db_index=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="uploads")
    file = models.CharField(max_length=255)
    # The sheet's own name where the file is a workbook; each sheet is an upload of its own.
    sheet = models.CharField(max_length=100, blank=True)
    # Laboratory or system that the file comes from, where the clinic tells them apart: chooses the mappings.
    sender = models.CharField(max_length=80, blank=True)
    # The connected system of that name whose message this was; None for files that a person brought.
    system = models.ForeignKey(Sender, null=True, on_delete=models.PROTECT, related_name="uploads")
    # Versions of the sender's profile and of the clinic's defaults with which it was read; null: none.
    profile_version = models.PositiveIntegerField(null=True, blank=True)
    defaults_version = models.PositiveIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=12, choices=Kind, blank=True)
    # "CSV, long form · UTF-8 · comma · dates year-month-day · decimal point": what was detected, shown.
    format = models.CharField(max_length=200, blank=True)
    # What else a person should know: columns not read, rows kept as events, stored before.
    notes = models.CharField(max_length=1000, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    # Names that nobody has mapped, while it, its message or rows of it wait for them:
    # importers.records.Unknown as dictionaries.
    unknown = models.JSONField(default=list, blank=True)
    # The file whose waiting rows these are, read again after a person had said what held them back: the first
    # reading of it, which keeps its bytes.
    replays = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replayed")
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEWED)
    # Why the whole file was refused.
    reason = models.CharField(max_length=1000, blank=True)
    # Number of the first row below the names of the columns.
    head = models.PositiveIntegerField(default=0)
    # What the preview said of its rows, a short digest a chunk: storing stops where it would do otherwise.
    digests = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    # How to give back what this file corrected: [{kind, pk, fields}], written when it is stored.
    before = models.JSONField(default=list, encoder=DjangoJSONEncoder, blank=True)
    read = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    # Results of tests that are not interpreted here; the notes name them, no row of them is kept.
    left_out = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    stored_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    @property
    def wrote(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self.new or self.before)

    @property
    def kept(self) -> bool:
        """Whether the file itself is still here: it, or rows of it, wait for a person or a worker."""
        return self.pieces.exists()

    @property
    def holds_rows(self) -> bool:
        """Whether rows of a file that is stored wait for names. A message that waits is kept as a message."""
        return self.state == self.State.STORED and self.system_id is None and bool(self.unknown)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    read=F("new") + F("same") + F("changed") + F("refused") + F("waiting") + F("left_out")
                ),
                name="upload_every_row_accounted_for",
                violation_error_message="Rows read must equal new + same + changed + refused + waiting "
                "+ left out.",
            ),
            undone_who_when("upload_undone_who_when"),
        ]
        indexes = [
            # "Files so far", which messages must not bury or slow down, and "this file was stored on ...".
            models.Index(
                fields=["clinic", "-at", "-id"], condition=Q(system=None), name="upload_files_latest"
            ),
            models.Index(fields=["clinic", "sha256"], name="upload_same_file"),
            # The page of what waits for names.
            models.Index(fields=["clinic"], condition=~Q(unknown=[]), name="upload_names_wait"),
        ]


class Piece(models.Model):
    """A megabyte of a file while it waits for confirmation, and once stored while rows of it wait or were
    refused: so they can be read again, or given back to be corrected.

    In the database and not on a disk: a worker on another machine must find it.
    """

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="piece_once")]


class UploadRow(models.Model):
    """One row of a file: where it stands, what became of it, and why."""

    class Outcome(models.TextChoices):
        NEW = "new", "New"
        SAME = "same", "Already in the record"
        CHANGED = "changed", "Differs from the record"
        REFUSED = "refused", "Refused"
        WAITING = "waiting", "Needs a person"

    # Found by the index below.
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="rows", db_index=False)
    # Nothing speaks against storing it, but a person should look: an unusual value.
    flagged = models.BooleanField(default=False)
    # Nobody is asked: a change that the laboratory itself makes by the status of its result, what the clinic
    # has decided never to read, or a new row that is odd and not in doubt.
    settled = models.BooleanField(default=False)
    # Row number as a spreadsheet shows it: the header is row 1.
    row = models.PositiveIntegerField()
    # Where rows have no numbers that a person could find: "message 2, OBX 3", "entry 4".
    place = models.CharField(max_length=80, blank=True)
    column = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=300, blank=True)
    # Waits only for an answer: a person may say that the value is right as it stands.
    asks = models.BooleanField(default=False)
    # Whose row it is, so that who sees it can be logged as a look at that patient.
    mrn = models.CharField(max_length=64, blank=True)
    # The row as it stood in the file, for the person who must decide.
    text = models.CharField(max_length=500, blank=True)

    @property
    def name(self) -> str:
        return self.place or f"row {self.row}"

    @property
    def where(self) -> str:
        place = upper_first(self.name)
        return f"{place}, {self.column}" if self.column else place

    class Meta:
        ordering = ["row", "id"]
        indexes = [models.Index(fields=["upload", "outcome", "row"])]
