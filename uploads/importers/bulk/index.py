"""What resources of an export may refer to, kept on a disk: memory holds the few that were asked for last."""

import json
import os
import sqlite3
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator

from ..fhir import people
from ..fhir.bundle import items
from ..fhir.reports import is_pending, members_of

# Kept as they are, but for pictures and prose; of the next ones only what they are; observations by name alone.
WHOLE = {"Patient", "Organization", "Specimen", "Medication", "DiagnosticReport"}
NAMED = {"Practitioner", "PractitionerRole", "Group", "Location", "Device", "CareTeam"}
_PROSE = ("text", "presentedForm", "photo", "extension")
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE resource (key TEXT PRIMARY KEY, body TEXT, twice INTEGER DEFAULT 0) WITHOUT ROWID;
CREATE TABLE observation (key TEXT PRIMARY KEY, pending INTEGER) WITHOUT ROWID;
CREATE TABLE member (key TEXT, container TEXT, PRIMARY KEY (key, container)) WITHOUT ROWID;
CREATE INDEX member_of ON member (container);
CREATE TABLE provenance (body TEXT);
CREATE TABLE laboratory (key TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;
CREATE TABLE person (cells TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_ADD = (
    "INSERT INTO resource (key, body) VALUES (?, ?) "
    "ON CONFLICT (key) DO UPDATE SET twice = max(twice, body <> excluded.body)"
)
_MISSING = """
SELECT count(*) FROM member
WHERE key NOT IN (SELECT key FROM observation) AND key NOT IN (SELECT key FROM resource)
"""


class ExportIndex:
    """Of the resources of an export by "Patient/7". `base`: the address of its server, where the sender names it."""

    def __init__(self, folder: str | None, authority: str) -> None:
        self.base, self._authority = "", authority
        self.types: Counter[str] = Counter()
        # Reports that name no result: they say something in words.
        self.worded = 0
        handle, path = tempfile.mkstemp(dir=folder)
        os.close(handle)
        self._rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._rows.close)
        self._rows.executescript(_TABLES)
        # Open it stays, and no crash leaves it behind.
        os.unlink(path)
        self._rows.execute("BEGIN")

    def add(self, resource: dict) -> None:
        kind, key = resource["resourceType"], key_of(resource)
        self.types[kind] += 1
        if kind == "Patient":
            self._rows.execute("INSERT OR IGNORE INTO person VALUES (?)", [self._cells(resource)])
        elif kind == "Provenance":
            self._rows.execute("INSERT INTO provenance VALUES (?)", [json.dumps(resource)])
        elif kind == "DiagnosticReport":
            self.worded += not members_of(resource) and not resource.get("contained")
        if key:
            self._name(kind, key, resource)

    def key(self, reference: str) -> str:
        """ "Patient/7" of a reference, whatever version it asks for and whether it names the server."""
        text = reference.split("/_history/")[0]
        return text.removeprefix(f"{self.base}/") if self.base else text

    def find(self, key: str) -> dict | None:
        """None too where the export holds two that differ."""
        found = self._one("SELECT body FROM resource WHERE key = :key AND NOT twice", key)
        if found is not None:
            return json.loads(found)
        if self._one("SELECT pending FROM observation WHERE key = :key", key) is not None:
            return {"resourceType": "Observation", "id": key.rpartition("/")[2]}
        return None

    def containers(self, key: str) -> list[str]:
        """Of the reports and groups that name an observation."""
        rows = self._rows.execute(
            "SELECT container FROM member WHERE key = :key ORDER BY container", {"key": key}
        )
        return [container for (container,) in rows]

    def has_pending(self, container: str) -> bool:
        """Whether results of a report say of themselves that they are not final."""
        sql = "SELECT 1 FROM member JOIN observation USING (key) WHERE container = :key AND pending LIMIT 1"
        return self._one(sql, container) is not None

    def provenances(self) -> Iterator[dict]:
        for (body,) in self._rows.execute("SELECT body FROM provenance ORDER BY rowid").fetchall():
            yield json.loads(body)

    def add_laboratory(self, keys: Iterable[str], name: str) -> None:
        self._rows.executemany(
            "INSERT OR IGNORE INTO laboratory VALUES (?, ?)", [(key, name) for key in keys]
        )

    def laboratory(self, key: str) -> str:
        return self._one("SELECT name FROM laboratory WHERE key = :key", key) or ""

    def is_told(self, patient: dict) -> bool:
        """Whether a patient stands in the export by itself."""
        return self._one("SELECT 1 FROM person WHERE cells = :key", self._cells(patient)) is not None

    def tell(self, patient: dict) -> None:
        self._rows.execute("INSERT OR IGNORE INTO person VALUES (?)", [self._cells(patient)])

    @property
    def missing(self) -> int:
        """Results that are named and not there."""
        return self._rows.execute(_MISSING).fetchone()[0]

    def _name(self, kind: str, key: str, resource: dict) -> None:
        members = [self.key(one["reference"]) for one in members_of(resource) if _names_another(one)]
        rows = [(member, key) for member in members]
        self._rows.executemany("INSERT OR IGNORE INTO member VALUES (?, ?)", rows)
        if kind in WHOLE or members:
            body = {name: part for name, part in resource.items() if name not in _PROSE}
            self._rows.execute(_ADD, [key, json.dumps(body)])
        elif kind in NAMED:
            self._rows.execute(_ADD, [key, json.dumps({"resourceType": kind, "id": resource["id"]})])
        if kind == "Observation":
            self._rows.execute("INSERT OR IGNORE INTO observation VALUES (?, ?)", [key, is_pending(resource)])

    def _cells(self, patient: dict) -> str:
        return json.dumps(people.cells_of(patient, self._authority))

    def _one(self, sql: str, key: str) -> object:
        found = self._rows.execute(sql, {"key": key}).fetchone()
        return found[0] if found else None


def key_of(resource: dict) -> str:
    """ "Patient/7", "" where it has no id."""
    own = resource.get("id")
    return f"{resource['resourceType']}/{own}" if isinstance(own, str) and own else ""


def references_of(resource: dict, name: str) -> list[str]:
    """The references of a list to other resources."""
    return [one["reference"] for one in items(resource.get(name)) if _names_another(one)]


def _names_another(reference: dict) -> bool:
    text = reference.get("reference")
    return isinstance(text, str) and bool(text) and not text.startswith("#")
