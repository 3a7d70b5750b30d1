"""manage.py mllp --sender NAME --clinic CODE: listens for HL7 v2 messages."""

import asyncio
import contextlib

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from patients.outage import FAILURES, is_outage
from uploads import room
from uploads.interfaces import mllp, mllp_tls, rates
from uploads.interfaces.messages import not_now, receive, too_often
from uploads.models import Sender


class Command(BaseCommand):
    help = (
        "Listens for HL7 v2 messages (MLLP) of one sender and stores them as POST /hl7/ does. With TLS where "
        "MLLP_CERTIFICATE is set; without it listen on this machine only, or inside a tunnel."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--sender", required=True, metavar="NAME", help="as given to add_sender")
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
        parser.add_argument("--port", type=int, default=2575)

    def handle(self, *, sender, clinic, host, port, **options) -> None:
        found = Sender.objects.filter(clinic__code=clinic, name__iexact=sender, allowed=True).first()
        if found is None:
            raise CommandError(
                f"Clinic “{clinic}” has no sender named “{sender}” that may send: see add_sender."
            )
        how = mllp_tls.words()
        server = mllp.serve(
            host=host,
            port=port,
            answer=lambda raw: answer(found.pk, raw),
            most=settings.MAX_MESSAGE_MB * 1024 * 1024,
            tls=mllp_tls.context(),
            ready=lambda at: self.stdout.write(f"Listening on {host}:{at} for {found} ({clinic}){how}."),
        )
        try:
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(server)
        except OSError as error:
            raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from None


def answer(sender_id: int, raw: bytes) -> bytes:
    """In a thread of its own: its database connection ends with the message."""
    if room.disk().is_short:
        return not_now(raw, room.NO_ROOM)
    try:
        sender = Sender.objects.select_related("clinic", "user").get(pk=sender_id)
        if not sender.allowed:
            raise ConnectionAbortedError("the sender was blocked since")
        if wait := rates.wait_of(sender):
            return too_often(wait)
        return receive(sender=sender, raw=raw)[1]
    except FAILURES as error:
        if not is_outage(error):
            raise
        return not_now(raw)
    finally:
        connection.close()
