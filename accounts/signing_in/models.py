"""What happened at the entrance, and the codes that an administrator gives out."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q


class SignInEvent(models.Model):
    """One line of the log of sign-ins. Append-only: the database refuses changes and deletions."""

    class What(models.TextChoices):
        SIGNED_IN = "signed_in", "signed in"
        REFUSED = "refused", "wrong password"
        TOO_MANY = "too_many", "refused: too many attempts"
        SIGNED_OUT = "signed_out", "signed out"
        OVER = "over", "signed out: the longest time was over"
        SESSION_ENDED = "session_ended", "session ended"
        SESSIONS_ENDED = "sessions_ended", "all other sessions ended"
        FACTOR_ADDED = "factor_added", "second factor set up"
        FACTOR_REMOVED = "factor_removed", "second factor removed"
        CODES_RENEWED = "codes_renewed", "new recovery codes made"
        FACTOR_USED = "factor_used", "second factor used"
        FACTOR_REFUSED = "factor_refused", "wrong code of the second factor"
        PASSWORD_CHOSEN = "password_chosen", "chose a password"
        PASSWORD_GIVEN = "password_given", "temporary password given"
        CODE_ISSUED = "code_issued", "one-time code issued"
        CODE_USED = "code_used", "one-time code used"
        CODE_REFUSED = "code_refused", "wrong one-time code"
        PROVIDER_NEW = "provider_new", "first sign-in by the hospital’s sign-in"
        PROVIDER_REFUSED = "provider_refused", "refused by the hospital’s sign-in"

    # Nobody: what was typed as a name was none. It is not kept, because people type passwords there.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    what = models.CharField(max_length=20, choices=What)
    # Which one, in words: the authenticator app, a passkey's kind, what a code resets.
    detail = models.CharField(max_length=120, blank=True)
    # Who did it, where it was not the person: an administrator.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # "": not by a page, but by a command.
    address = models.CharField(max_length=45, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-at"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.user or 'Nobody known'}: {self.get_what_display()}"


class OneTimeCode(models.Model):
    """Printed by an administrator for who has lost password or second factor. Only its digest is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    resets_password = models.BooleanField()
    resets_factor = models.BooleanField()
    # Nobody: by the operator's command.
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    # Used, or a newer one was issued.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(resets_password=True) | Q(resets_factor=True), name="one_time_code_resets"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at=None), name="one_time_code_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Code for {self.user}"
