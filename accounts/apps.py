from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from .signing_in import signals

        signals.connect()
        post_migrate.connect(protect_tables, sender=self)


def protect_tables(*, using: str, **options: object) -> None:
    """After `migrate`, and not after each `flush`."""
    from django.core.management import call_command

    from . import protection

    if "plan" in options:
        # A table as the others, which no migration makes.
        call_command("createcachetable", database=using, verbosity=0)
        protection.protect(using)
