"""Cells that a spreadsheet would run: written as text, and read back as what they were."""

_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_AS_TEXT = "'"


def harmless(cell: str) -> str:
    """An apostrophe before a cell that begins as a formula does, or with an apostrophe before one."""
    return _AS_TEXT + cell if cell.lstrip(_AS_TEXT).startswith(_SIGNS) else cell


def as_meant(cell: str) -> str:
    """The cell without the apostrophe that `harmless`, or a spreadsheet, put there."""
    if cell.startswith(_AS_TEXT) and cell.lstrip(_AS_TEXT).startswith(_SIGNS):
        return cell.removeprefix(_AS_TEXT)
    return cell
