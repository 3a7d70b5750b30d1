"""What a clock on the wall means: one moment, none in the hour that it skips, two in the hour it repeats."""

from datetime import UTC, datetime, time, tzinfo

_MIDNIGHT = time()


def moments(clock: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """The moments, in UTC and in their order, at which a clock in `zone` shows this time without a zone."""
    clock = clock.replace(fold=0)
    both = {clock.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(one for one in both if one.astimezone(zone).replace(tzinfo=None, fold=0) == clock))


def unclear(clock: datetime, zone: tzinfo) -> str:
    """Why this is no single moment, as a sentence with its remedy; "" where it is one.

    Midnight is never asked about: it stands for a date alone.
    """
    if clock.tzinfo or clock.time() == _MIDNIGHT:
        return ""
    first, second = (clock.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    # Only around a change of the clocks do the two differ.
    if first == second or len(found := moments(clock, zone)) == 1:
        return ""
    day, hour = f"{clock:%Y-%m-%d}", f"{clock:%H:%M}"
    if not found:
        return (
            f"{hour} does not exist on {day}: the clocks were put forward over it. Correct the time, or give "
            "it with its zone."
        )
    first, second = (f"{one.astimezone(zone):%z}" for one in found)
    ways = " or ".join(f"{hour}{offset[:3]}:{offset[3:5]}" for offset in (first, second))
    return f"{hour} occurs twice on {day}: the clocks were put back. Give it with its zone: {ways}."
