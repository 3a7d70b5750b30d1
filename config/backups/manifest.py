"""What a backup says of itself: it stands unencrypted in the file and names nobody."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

PRODUCT = "Liver dissociation"


@dataclass(frozen=True)
class Manifest:
    """All of it as one snapshot of the database saw it, which is the one that was dumped.

    `record`: when the first table was made, which tells one installation's backups from another's;
    `programs`: the version of pg_dump; `rows`: of each table.
    """

    version: str
    made_at: datetime
    record: str
    server: int
    programs: int
    migrations: list[str]
    audit_head: str
    rows: dict[str, int]
    is_encrypted: bool

    @property
    def row_count(self) -> int:
        return sum(self.rows.values())

    def to_json(self) -> str:
        told = {"product": PRODUCT, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(told, indent=2)


def read(text: str) -> Manifest | None:
    """None: it is no manifest of ours."""
    try:
        told = json.loads(text)
        if told.pop("product") != PRODUCT:
            return None
        return Manifest(**told | {"made_at": datetime.fromisoformat(told["made_at"])})
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
