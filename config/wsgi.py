import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"Settings: {error}")

# Only now is there a set-up to import them into.
from config.operating.oldest import stop_if_older  # noqa: E402
from config.operating.timeouts import limit_web_process  # noqa: E402
from config.warm import warm  # noqa: E402

stop_if_older()
limit_web_process()
warm()
