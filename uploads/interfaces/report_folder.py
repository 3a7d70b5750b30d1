"""Daily reports as files, one a clinic and day: written anew while the day goes on, and once after its end."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path

from accounts.models import Clinic
from uploads.interfaces.clinic_day import ClinicDay
from uploads.interfaces.daily_report import report_of

# Days whose last report a stop of the program may have missed.
BACK = 7


def write_reports(folder: Path, clinic: Clinic, at: datetime) -> list[Path]:
    """Today's, and those of earlier days that were not written since the day was over."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(_path(folder, clinic, day.day), report_of(day)) for day in _due(folder, clinic, at)]


def _due(folder: Path, clinic: Clinic, at: datetime) -> list[ClinicDay]:
    """The first report of a folder is today's: before it nobody watched."""
    today = at.astimezone(clinic.zone).date()
    days = [ClinicDay(clinic, today - timedelta(days=back), at) for back in range(BACK, 0, -1)]
    there = [_path(folder, clinic, day.day).exists() for day in days]
    began = there.index(True) if True in there else len(days)
    unfinished = [day for day in days[began:] if not _is_final(_path(folder, clinic, day.day), day.end)]
    return [*unfinished, ClinicDay(clinic, today, at)]


def _is_final(path: Path, end: datetime) -> bool:
    return path.exists() and path.stat().st_mtime >= end.timestamp()


def _path(folder: Path, clinic: Clinic, day: date) -> Path:
    return folder / f"{clinic.code}-{day}.txt"


def _write(path: Path, text: str) -> Path:
    """Whole or not at all: nobody reads half a report."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
