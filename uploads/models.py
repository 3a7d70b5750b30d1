"""What comes in: files, and what became of each of their rows."""

from uuid import uuid4

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from accounts.models import Clinic, User


class Sender(models.Model):
    """A system that sends messages for one clinic. It signs in with a token, of which only the hash is kept;
    what it brings is entered in the name of its own user, who cannot sign in."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="senders")
    name = models.CharField(max_length=60)
    # SHA-256 of a random token of 256 bits: nothing slower is needed.
    token_hash = models.CharField(max_length=64, unique=True)
    # Only numbers of this authority (PID-3.4) are this clinic's MRNs; blank: the first medical record number.
    authority = models.CharField(max_length=120, blank=True)
    allowed = models.BooleanField(default=True)
    # May read the clinic's patients and results by /fhir/, beside sending.
    may_read = models.BooleanField(default=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    last_seen = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name"],
                name="sender_once",
                violation_error_message="This clinic already has a sender of this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name


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
                condition=Q(read=F("new") + F("same") + F("changed") + F("refused") + F("waiting")),
                name="upload_every_row_accounted_for",
                violation_error_message="Rows read must equal new + same + changed + refused + waiting.",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="upload_undone_who_when",
            ),
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


class Job(models.Model):
    """Work on the files of a batch that a worker does. Written outside of the transaction that stores: so
    everybody sees how far it is. Whoever works on it holds an advisory lock: see `uploads.progress`."""

    class Task(models.TextChoices):
        READ = "read", "Read"
        STORE = "store", "Store"
        UNDO = "undo", "Undo"
        REPLAY = "replay", "Read again"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for its turn"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Stopped"
        CANCELLED = "cancelled", "Cancelled"

    LIVE = (State.QUEUED, State.RUNNING)

    batch = models.UUIDField(db_index=True)
    task = models.CharField(max_length=6, choices=Task)
    # What the person asked for beside: apply_changes, accept_questions; the files to undo.
    options = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    # What it is doing, a key of uploads.progress.STAGES; rows done, and of how many (0: not known yet).
    stage = models.CharField(max_length=10, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # How often a worker has begun: one that dies is followed by another, but not for ever.
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel = models.BooleanField(default=False)
    # What the person is told at the end.
    said = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch"],
                condition=Q(state__in=["queued", "running"]),
                name="job_one_at_a_time",
                violation_error_message="A worker is busy with these files already.",
            ),
        ]


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
    # Nobody is asked: a change that the laboratory itself makes by the status of its result, or what the
    # clinic has decided never to read.
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
    def where(self) -> str:
        place = self.place[:1].upper() + self.place[1:] or f"Row {self.row}"
        return f"{place}, {self.column}" if self.column else place

    class Meta:
        ordering = ["row", "id"]
        indexes = [models.Index(fields=["upload", "outcome", "row"])]


@pghistory.track(model_name="MappingHistory")
class Mapping(models.Model):
    """What a name in this sender's files means, as a person of the clinic has said. Nothing is guessed."""

    class What(models.TextChoices):
        HEADER = "header", "Column"
        TEST = "test", "Test"
        UNIT = "unit", "Unit"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="mappings")
    # "" for the files of any sender.
    sender = models.CharField(max_length=80, blank=True)
    what = models.CharField(max_length=6, choices=What)
    # The kind of file in which the column stands, the analyte that the unit measures; "" for a test.
    about = models.CharField(max_length=24, blank=True)
    # Folded, as it is compared, and as the file wrote it.
    said = models.CharField(max_length=200, blank=True)
    shown = models.CharField(max_length=200, blank=True)
    # Our column, analyte or unit; "" for what is never read.
    meant = models.CharField(max_length=24, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

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
                condition=Q(what__in=["header", "test", "unit"]),
                name="mapping_what_known",
                violation_error_message="A mapping speaks of a column, a test or a unit.",
            ),
            models.CheckConstraint(
                # Only a unit may be missing in the file; a test belongs to nothing.
                condition=(Q(what="unit") | ~Q(said=""))
                & (Q(what="test", about="") | ~Q(what="test") & ~Q(about="")),
                name="mapping_said_and_about",
                violation_error_message="A mapping needs the name in the file and what it belongs to.",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="mapping_undone_who_when",
                violation_error_message="Who undid a mapping and when belong together.",
            ),
        ]


@pghistory.track(model_name="WhoseHistory")
class Whose(models.Model):
    """Whose rows a sender means by a number, a name and a date of birth, as a person of the clinic has said.
    For exactly these: the same number with another date of birth is another question."""

    class Verdict(models.TextChoices):
        PATIENT = "patient", "This patient"
        NOBODY = "nobody", "Nobody of ours"
        # A patient of a file, where the clinic takes no new ones from files by itself.
        NEW = "new", "A new patient"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    # "" for files that name no sender.
    sender = models.CharField(max_length=80, blank=True)
    mrn = models.CharField(max_length=200)
    # Folded, as it is compared; "" and None where the file gives none.
    family = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    verdict = models.CharField(max_length=7, choices=Verdict)
    patient = models.ForeignKey("patients.Patient", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                "clinic",
                Lower("sender"),
                "mrn",
                "family",
                "birth_date",
                condition=Q(undone_at__isnull=True),
                nulls_distinct=False,
                name="whose_once",
                violation_error_message="Somebody has just decided whose rows these are. Look again.",
            ),
            models.CheckConstraint(
                condition=Q(verdict="patient", patient__isnull=False)
                | Q(verdict__in=["nobody", "new"], patient__isnull=True),
                name="whose_patient_named",
                violation_error_message="A decision names the patient, or says that it is none.",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="nobody") | ~Q(reason=""),
                name="whose_nobody_has_reason",
                violation_error_message="Say why these rows are nobody’s here.",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="whose_undone_who_when",
                violation_error_message="Who undid a decision and when belong together.",
            ),
        ]


class Doubt(models.Model):
    """Rows of an upload that wait because nobody knows whose they are: one for each identity in it."""

    class Why(models.TextChoices):
        NEAR = "near", "The number is a patient’s here, but the name or the date of birth is another"
        NOBODY = "nobody", "Nobody here has this number"
        ALONE = "alone", "Only the number speaks: no date of birth is given"
        NEW = "new", "A new patient: files may not add patients in this clinic by themselves"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="doubts")
    why = models.CharField(max_length=6, choices=Why)
    # As the file gives them.
    mrn = models.CharField(max_length=200)
    family_name = models.CharField(max_length=200, blank=True)
    given_name = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=10, blank=True)
    # The family name as it is compared.
    family = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField()
    # Up to three rows in words: "ALT 40 U/L, 2025-01-01 08:00".
    examples = models.JSONField(default=list)
    answer = models.ForeignKey(Whose, null=True, on_delete=models.PROTECT, related_name="doubts")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["upload"], condition=Q(answer=None), name="doubt_open")]


class Message(models.Model):
    """A message as it came, byte for byte, and what became of it. It can be stored again from here."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received, not stored yet"
        STORED = "stored", "Stored"
        WAITING = "waiting", "Needs a person"
        REFUSED = "refused", "Refused"
        # A person has seen it and nothing more is to be done.
        CLOSED = "closed", "Set aside"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="messages")
    # MSH-3 and MSH-4, and MSH-10: together they name a message. Blank where the bytes hold none.
    source = models.CharField(max_length=400, blank=True)
    control_id = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    # Of what the message says, without the time of sending: a message sent again has the same.
    content_sha256 = models.CharField(max_length=64)
    raw = models.BinaryField()
    state = models.CharField(max_length=8, choices=State, default=State.RECEIVED)
    # Why, without anything of the patient.
    reason = models.CharField(max_length=300, blank=True)
    # The acknowledgement code given: AA, AE or AR.
    answer = models.CharField(max_length=2, blank=True)
    upload = models.ForeignKey(Upload, null=True, on_delete=models.PROTECT, related_name="messages")
    at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "source", "control_id"], condition=~Q(control_id=""), name="message_once"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, closed_by__isnull=False)
                | ~Q(state="closed") & Q(closed_at__isnull=True, closed_by__isnull=True),
                name="message_closed_who_when",
                violation_error_message="Who set a message aside and when belong together.",
            ),
        ]
        indexes = [models.Index(fields=["sender", "state", "-at"])]
