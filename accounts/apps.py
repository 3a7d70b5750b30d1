from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from .signing_in import signals

        signals.connect()
        post_migrate.connect(protect_tables, sender=self)
        _check_groups()
        if settings.BREACHED_PASSWORDS:
            # One that cannot be read stops the start too.
            get_default_password_validators()


def protect_tables(*, using: str, **options: object) -> None:
    """After `migrate`, and not after each `flush`."""
    from django.core.management import call_command

    from . import protection

    if "plan" in options:
        # A table as the others, which no migration makes.
        call_command("createcachetable", database=using, verbosity=0)
        protection.protect(using)


def _check_groups() -> None:
    """A role that does not exist stops the start, not the sign-in of whoever has it."""
    from .models import Role

    unknown = sorted({role for _, role in settings.OIDC_GROUPS.values()} - set(Role.values))
    if unknown:
        raise ImproperlyConfigured(
            f"OIDC_GROUPS names no role: {', '.join(unknown)}. Roles: {', '.join(Role.values)}."
        )
