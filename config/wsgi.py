import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# Only now is there a set-up to import it into.
from config.warm import warm  # noqa: E402

warm()
