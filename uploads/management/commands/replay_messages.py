"""manage.py replay_messages --clinic CODE: stores kept messages again."""

from collections import Counter

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Clinic, no_clinic
from uploads import told
from uploads.interfaces.messages import replay
from uploads.models import Message, Upload


class Command(BaseCommand):
    help = "Stores kept messages again: those that wait or were refused, once what held them back is mended."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument("--sender", metavar="NAME", help="only what this sender sent")
        parser.add_argument("--message", metavar="ID", help="only the message with this control id (MSH-10)")
        parser.add_argument("--all", action="store_true", help="also messages that are stored already")
        parser.add_argument("--accept-questions", action="store_true", help="as for the command upload")
        parser.add_argument("--apply-changes", action="store_true", help="as for the command upload")

    def handle(self, *, clinic, sender, message, accept_questions, apply_changes, **options) -> None:
        if not Clinic.objects.filter(code=clinic).exists():
            raise CommandError(no_clinic(clinic))
        found = Message.objects.filter(sender__clinic__code=clinic).select_related(
            "sender__clinic", "sender__user"
        )
        if sender:
            found = found.filter(sender__name__iexact=sender)
        if message:
            found = found.filter(control_id=message)
        elif not options["all"]:
            found = found.exclude(state=Message.State.STORED)
        if not message:
            # Bytes that are no message stay none; what a person has undone or set aside stays so.
            found = found.exclude(control_id="").exclude(state=Message.State.CLOSED)
            found = found.exclude(upload__state=Upload.State.UNDONE)
        counts, rows = dict.fromkeys(Message.State.values, 0), Counter()
        # In the order in which they came: a correction after what it corrects.
        for one in found.order_by("at", "pk").iterator(chunk_size=100):
            replay(message=one, accept_questions=accept_questions, apply_changes=apply_changes)
            one.refresh_from_db(fields=["state", "upload"])
            counts[one.state] += 1
            rows += self._tell(one, accept_questions)
        self.stdout.write(
            f"{sum(counts.values())} messages replayed: {counts['stored']} stored, {counts['waiting']} need "
            f"a person, {counts['refused']} refused, {counts['received']} not stored yet."
        )
        if rows:
            said = told.counts(Upload(**{name: rows[name] for name in told.COUNTS}), rows["flagged"])
            self.stdout.write(f"Their rows: {said}.")

    def _tell(self, message: Message, accepted: bool) -> Counter:
        """Its rows that were not simply stored, one a line; gives the counts of all."""
        upload = message.upload
        if upload is None:
            return Counter()
        tally = told.tally_of(told.to_look_at([upload]))
        for sentence in told.problems(tally, accepted=accepted, again="replay"):
            self.stderr.write(f"{upload.file}: {sentence}")
        return Counter({name: getattr(upload, name) for name in told.COUNTS}, flagged=tally.flagged)
