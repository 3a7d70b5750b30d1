"""What every web process would do at its first pages, done once before they part: `config.wsgi` calls it."""

import gc

from django.conf import settings
from django.template.loader import get_template

from patients.views.knowledge.entries import write_all


def warm() -> None:
    folder = settings.BASE_DIR / "templates"
    for template in folder.rglob("*.html"):
        get_template(str(template.relative_to(folder)))
    write_all()
    # What stays for good is not searched for waste again, and stays shared between the processes.
    gc.collect()
    gc.freeze()
