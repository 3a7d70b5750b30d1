"""Changed files over HTTP: uploaded, stored, sent as messages, pasted; what is stored is judged too."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.runner import DiscoverRunner
from django.urls import reverse

from accounts.models import Clinic, Membership, Role, User
from patients.models import Patient, Result
from tests.fuzz.readers import looker
from tests.fuzz.run import Trial
from tests.fuzz.second.judge import Claim, cannot_be
from tests.fuzz.seeds import seeds
from tests.uploads.files import PEOPLE
from uploads import actions
from uploads.interfaces import senders

_WRONG = {401, 403, 404, 405, *range(500, 600)}
# Numbers of people in the cases and in the tests' own files.
_NUMBERS = re.compile(rb"\b(?:HX\w{2,12}|EXAMPLE-1|[A-Z]-\d{4})\b")


@contextmanager
def pages() -> Iterator[Trial]:
    """A database of its own with people in it; each trial leaves it as it was."""
    connection.settings_dict["TEST"]["NAME"] = "test_fuzz"
    # What is refused is no news here.
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    runner = DiscoverRunner(interactive=False, verbosity=0)
    runner.setup_test_environment(debug=False)
    databases = runner.setup_databases()
    try:
        yield Pages().faults
    finally:
        runner.teardown_databases(databases)
        runner.teardown_test_environment()


class Pages:
    """A clinician of one clinic, who uploads and enters, and one sender of messages."""

    def __init__(self):
        self.clinic = Clinic.objects.create(code="fuzz", name="Fuzz Hospital", time_zone="Europe/London")
        by = User.objects.create_user("fuzz", password="liver-test")
        Membership.objects.create(user=by, clinic=self.clinic, role=Role.CLINICIAN)
        actions.store(contents=[("people.csv", PEOPLE.encode())], clinic=self.clinic, by=by)
        found = {number.decode() for seed in seeds() for number in _NUMBERS.findall(seed.content)}
        who = {"family_name": "Kestrel", "given_name": "Ana", "sex": "F", "birth_date": date(1970, 1, 5)}
        people = [Patient(clinic=self.clinic, mrn=number, **who) for number in sorted(found - {"N-1", "N-2"})]
        Patient.objects.bulk_create(people)
        self.patient = Patient.objects.get(mrn="N-1")
        _, token = senders.add_sender(clinic=self.clinic, name="Analyser")
        self.sender = {"Authorization": f"Bearer {token}"}
        self.client = Client()
        self.client.force_login(by)

    def faults(self, content: bytes) -> tuple[int, list[str]]:
        """How many stored values were judged, and what is wrong."""
        with transaction.atomic():
            last = Result.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            wrong = [*self._answers(content)]
            stored = list(Result.objects.filter(pk__gt=last).select_related("draw__patient"))
            wrong += self._judged(content, stored)
            transaction.set_rollback(True)
        return len(stored), wrong

    def _answers(self, content: bytes) -> Iterator[str]:
        """Each address that answers with an error of its own; an exception comes through."""
        if content.lstrip().startswith(b"MSH"):
            yield from _failed(self.client.post("/hl7/", content, "text/plain", headers=self.sender))
        file = SimpleUploadedFile("changed.dat", content)
        answer = self.client.post(reverse("uploads:list"), {"files": file, "sender": "Fuzz"}, follow=True)
        yield from _failed(answer)
        if answer.redirect_chain:
            preview = answer.redirect_chain[-1][0]
            yield from _failed(self.client.post(f"{preview}store/", follow=True))
            yield from _failed(self.client.get(f"{preview}rows.csv"))
        text = content.decode("utf-8", "replace")[:5000]
        add = reverse("patients:draw-add", args=[self.patient.uuid])
        yield from _failed(self.client.post(add, {"pasted": text, "read": "1"}))

    def _judged(self, content: bytes, stored: list[Result]) -> list[str]:
        look = looker(content) if stored else None
        wrong = []
        for result in stored if look else ():
            claim = self._claim(result)
            if why := cannot_be(claim, look(claim)):
                wrong.append(f"{claim.analyte} {claim.comparator}{claim.value:g}: {why}")
        return wrong

    def _claim(self, result: Result) -> Claim:
        draw = result.draw
        return Claim(
            (), draw.patient.mrn, result.analyte, result.value, result.comparator, draw.taken_at,
            result.lower_limit, result.upper_limit, self.clinic.zone,
        )  # fmt: skip


def _failed(answer) -> list[str]:
    path = answer.request["PATH_INFO"]
    # Whoever may enter and upload is refused nothing: such an answer would hide what is tried.
    return [f"{path} answered {answer.status_code}"] if answer.status_code in _WRONG else []
