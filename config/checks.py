"""What `manage.py check --deploy` says of the settings."""

from django.conf import settings
from django.core.checks import Tags, Warning, register

ONE_ROLE = "The web and worker processes own the tables: whoever gets hold of them could change history."
REMEDY = "Name a second role in DATABASE_URL and the owner in MIGRATE_URL (docs/operating.md, History)."


@register(Tags.security, deploy=True)
def check_roles(app_configs: object, **options: object) -> list[Warning]:
    return [] if settings.RUNTIME_ROLE else [Warning(ONE_ROLE, hint=REMEDY, id="config.W001")]
