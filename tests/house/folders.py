"""How many modules a folder holds."""

from collections import Counter
from pathlib import Path

from tests.house.files import Counts, product

MODULES = 18


def full_folders(root: Path) -> Counts:
    """Tests stand where what they test stands; their folders are not counted."""
    modules = (path for path in product(root) if path.name != "__init__.py")
    found = Counter(path.relative_to(root).parent.as_posix() for path in modules)
    return {folder: number for folder, number in found.items() if number > MODULES}
