"""Collected static files: compressed, named by content, and made once instead of at every start."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Once(Compressor):
    """Leaves alone what an earlier start has compressed: the chart library alone takes eight seconds."""

    def compress(self, path: str) -> list[str]:
        return [] if is_compressed(Path(path)) else super().compress(path)


class Collected(CompressedManifestStaticFilesStorage):
    def compress_files(self, paths: set[str]) -> Iterator[tuple[str, str]]:
        """Under the names that pages use: plain ones are for the pages of failures only."""
        return super().compress_files(paths & set(self.hashed_files.values()))

    def create_compressor(self, **options: object) -> Compressor:
        return Once(**options)


def is_compressed(file: Path) -> bool:
    """Whether the copy beside it unpacks to the very file. The gzip one is written last."""
    try:
        return gzip.decompress(Path(f"{file}.gz").read_bytes()) == file.read_bytes()
    except (OSError, EOFError, zlib.error):
        return False
