"""Logs without patients: where an error happened and of which kind, never the values it met."""

import logging
import traceback


class Quiet(logging.Formatter):
    """Leaves out the text of an exception: the database puts names and numbers of the row into it."""

    def formatException(self, exc_info) -> str:
        kind, _, place = exc_info
        return "".join([*traceback.format_tb(place), f"{kind.__module__}.{kind.__qualname__}"])


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "quiet": {"()": "config.logs.Quiet", "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "quiet"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Each head of the chain of audit: kept away from the database, it shows whether that was made anew.
        "audit": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # Django's own development server logs whole addresses, and a search has a name in its address.
        "django.server": {"handlers": ["nowhere"], "propagate": False},
        # That a request waits for a thread.
        "waitress.queue": {"handlers": ["nowhere"], "propagate": False},
        # Each statement with its values.
        "django.db.backends": {"handlers": ["nowhere"], "propagate": False},
    },
}
