from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Clinic
from patients.demo import load


class Command(BaseCommand):
    help = "Loads the demo clinic with invented patients; loads nothing twice; refuses in production."

    def handle(self, **options) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo is not loaded in production: its sign-ins are known to everyone.")
        there = Clinic.objects.filter(code=load.CODE).first()
        if there is not None and not there.is_demo:
            raise CommandError(
                "A clinic with the code “demo” exists and is not the demo: nothing was loaded."
            )
        if there is None:
            self.stdout.write(
                "Loading the demo: invented patients and meetings (about a minute, only this once) ..."
            )
            self.stdout.flush()
        new, there = load.load(timezone.now())
        self.stdout.write(
            f"Demo clinic “{load.CODE}”: {there} invented patients, {new} of them new. "
            f"Sign in as {', '.join(load.STAFF)}; password {load.PASSWORD}."
        )
