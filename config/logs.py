"""Logs without patients: where an error happened and of which kind, never the values it met."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from config.environment import envchoice
from config.operating import request_ids

LOG_FORMAT = envchoice("LOG_FORMAT", "text", "json")


class Quiet(logging.Formatter):
    """Leaves out the text of an exception: the database puts names and numbers of the row into it."""

    def formatException(self, exc_info) -> str:
        kind, _, place = exc_info
        return "".join([*traceback.format_tb(place), f"{kind.__module__}.{kind.__qualname__}"])


class TextLine(Quiet):
    """A line begins with its time and says to which request it belongs, where it belongs to one."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        of = f" [{request_ids.current()}]" if request_ids.current() else ""
        return f"{record.asctime} {record.levelname} {record.name}:{of} {record.message}"

    def usesTime(self) -> bool:
        return True


class JsonLine(Quiet):
    """One object a line: time, level, logger, request, message, and the places of an error."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": request_ids.current(),
            "message": record.getMessage(),
            "error": self.formatException(record.exc_info) if record.exc_info else "",
        }
        return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)


class NoTraceOfRefusals(logging.Filter):
    """A refusal (403) or a bad request is no fault of ours: one line, without where it was raised."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True


def formatter() -> Quiet:
    """As LOG_FORMAT asks."""
    return JsonLine() if LOG_FORMAT == "json" else TextLine()


def tell(sentence: str) -> None:
    """What a service says to whoever started it; at once, also where the output is a file."""
    if LOG_FORMAT == "json":
        said = logging.LogRecord("service", logging.INFO, "", 0, sentence, None, None)
        sentence = JsonLine().format(said)
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"quiet": {"()": "config.logs.formatter"}},
    "filters": {"refusals": {"()": "config.logs.NoTraceOfRefusals"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "quiet", "filters": ["refusals"]},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Each head of the chain of audit: kept away from the database, it shows whether that was made anew.
        "audit": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # And the checksum of each backup.
        "backup": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # Django's own development server logs whole addresses, and a search has a name in its address.
        "django.server": {"handlers": ["nowhere"], "propagate": False},
        # That a request waits for a thread.
        "waitress.queue": {"handlers": ["nowhere"], "propagate": False},
        # Each statement with its values.
        "django.db.backends": {"handlers": ["nowhere"], "propagate": False},
    },
}
