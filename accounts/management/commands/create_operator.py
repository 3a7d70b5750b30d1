"""Adds an operator: who runs this installation and belongs to no clinic."""

from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import actions
from accounts.errors import StaffChangeRefused
from accounts.management.asking import asked_password, read_password
from accounts.models import User
from accounts.passwords import temporary_password
from accounts.signing_in.codes import make_code


class Command(BaseCommand):
    help = "Adds an operator of this installation; asks for the password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the sign-in name")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--password-stdin", action="store_true", help="the first line of the standard input")
        how.add_argument("--one-time-code", action="store_true", help="print a code that leads to a password")

    @transaction.atomic
    def handle(self, *, name: str, password_stdin: bool, one_time_code: bool, **options: object) -> None:
        try:
            if one_time_code:
                self._with_code(name)
                return
            ask = read_password if password_stdin else asked_password
            actions.add_operator(username=name, password=ask(name))
        except StaffChangeRefused as refused:
            raise CommandError(str(refused)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{name} is an operator of this installation.")

    def _with_code(self, name: str) -> User:
        """A password that nobody knows, and the code in its place."""
        user = actions.add_operator(username=name, password=temporary_password())
        issued, code = make_code(user=user, resets="password")
        self.stdout.write(f"{name} is an operator of this installation.\n{code}")
        self.stdout.write(f"Taken once at /staff/code/, until {issued.expires_at:%Y-%m-%d %H:%M} UTC.")
        return user
