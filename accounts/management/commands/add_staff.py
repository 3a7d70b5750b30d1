"""Adds a member of staff: above all the first administrator of a real deployment."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import actions
from accounts.errors import StaffChangeRefused
from accounts.management.asking import asked_password, read_password
from accounts.models import Clinic, Role, User


class Command(BaseCommand):
    help = "Adds a member of staff to a clinic; asks for the password of a new person."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--given-name", default="")
        parser.add_argument("--family-name", default="")
        parser.add_argument("--create-clinic", metavar="NAME", help="make the clinic first, with this name")
        parser.add_argument("--time-zone", default="UTC", metavar="ZONE", help="such as Europe/London")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="take the password of a new person from the standard input",
        )

    @transaction.atomic
    def handle(self, *, username, clinic, role, **options) -> None:
        try:
            clinic = self.clinic(clinic, options["create_clinic"], options["time_zone"])
            user = actions.user_named(username) or self.new_user(username, options)
            actions.add_member(clinic=clinic, user=user, role=role)
        except StaffChangeRefused as refused:
            raise CommandError(str(refused)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{user.username} is {Role(role).label.lower()} of {clinic.name}.")

    def clinic(self, code: str, name: str | None, time_zone: str) -> Clinic:
        found = Clinic.objects.filter(code=code).first()
        if name and found:
            raise CommandError(f"There is a clinic “{code}” already. Leave --create-clinic out.")
        if name:
            return actions.add_clinic(code=code, name=name, time_zone=time_zone)
        if found is None:
            raise CommandError(f"There is no clinic “{code}”. Add --create-clinic NAME to make it.")
        return found

    def new_user(self, username: str, options: dict) -> User:
        ask = read_password if options["password_stdin"] else asked_password
        return actions.add_user(
            username=username,
            password=ask(username),
            given_name=options["given_name"],
            family_name=options["family_name"],
        )
