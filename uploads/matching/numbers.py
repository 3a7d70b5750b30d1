"""Which of several numbers of one person counts, where the record tells."""

from collections.abc import Container, Iterable
from dataclasses import replace

from uploads.importers.records import Item, Numbers, PatientRow


def with_one_number(item: Item, there: Container[str]) -> Item:
    """The row under the one number that counts, where the sender gives several and the record tells which;
    itself where a person must. `there`: the numbers of this clinic's patients."""
    numbers = _numbers(item)
    if numbers is None:
        return item
    here = [number for number in numbers.live if number in there] or list(numbers.live)
    if numbers.alike or len(here) != 1 or any(number in there for number in numbers.retired):
        return item
    if isinstance(item, PatientRow):
        return replace(item, mrn=here[0], numbers=None)
    return replace(item, mrn=here[0], identity=replace(item.identity, numbers=None))


def numbers_in(items: Iterable[Item]) -> set[str]:
    """All that these rows give beside their MRN."""
    return {number for item in items if (numbers := _numbers(item)) for number in numbers.all}


def _numbers(item: Item) -> Numbers | None:
    if isinstance(item, PatientRow):
        return item.numbers
    identity = getattr(item, "identity", None)
    return identity.numbers if identity else None
