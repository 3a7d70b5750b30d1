"""Whether this process lives (/health/live), and whether it can serve (/health/ready): for probes, as JSON.

Not ready is who cannot serve: no database, migrations missing, a full disk. Where only the worker is missing, the
queue is long or files are refused for want of room, pages are served all the same: told as "degraded", or one dead
worker would take every page away.
"""

import threading
import time

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.operating import vitals
from uploads import room

# Seconds for which an answer holds, and after which a job has waited long.
KEPT, LONG = 2, 15 * 60
_lock = threading.Lock()
_last: dict[str, tuple[float, dict]] = {}


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    found = _kept()
    return JsonResponse(found, status=503 if found["status"] == "not ready" else 200)


def forget() -> None:
    """What was kept, so that the next look is a new one."""
    _last.clear()


def _kept() -> dict:
    """Looked at by one thread at a time: a database that does not answer holds up no more than that one twice."""
    with _lock:
        at, found = _last.get("ready", (0.0, {}))
        if not found or time.monotonic() - at > KEPT:
            found = look()
            _last["ready"] = (time.monotonic(), found)
        return found


def look() -> dict:
    disk = room.disk()
    parts = {"disk": {"ok": not disk.is_short, "free_mb": disk.free_mb}}
    try:
        parts |= _in_database()
    except Error:
        parts["database"] = {"ok": False}
    # While there is little room pages are read and filled in; only once nothing is saved they are not.
    needed = [not disk.is_full, *(parts[name]["ok"] for name in ("database", "migrations") if name in parts)]
    every = [part["ok"] for part in parts.values()]
    status = "not ready" if not all(needed) else "ready" if all(every) else "degraded"
    return {"status": status, **parts}


def _in_database() -> dict:
    seconds, missing = vitals.database_seconds(), vitals.missing_migrations()
    parts = {
        "database": {"ok": True, "milliseconds": round(seconds * 1000, 1)},
        "migrations": {"ok": not missing, "missing": missing},
    }
    return parts if missing else parts | _work(vitals.queue())


def _work(queue: vitals.Queue) -> dict:
    seen = None if queue.seen is None else round(queue.seen)
    return {
        "queue": {"ok": queue.oldest < LONG, "waiting": queue.waiting, "oldest_seconds": round(queue.oldest)},
        "worker": {"ok": queue.workers > 0, "seen_seconds_ago": seen},
    }


urls = [path("health/live", live, name="health-live"), path("health/ready", ready, name="health-ready")]
