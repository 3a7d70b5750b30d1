"""A made record of any length, without Django. Nobody here is real."""

from datetime import UTC, datetime, timedelta

from interpretation.record import records

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def case(count: int) -> records.Case:
    """A patient with this many draws, three days apart: enzymes fall, INR rises, with a wobble."""
    draws = []
    for place in range(count):
        share, wobble = place / count, 1 + 0.05 * ((place * 7919) % 13 - 6) / 6
        results = {
            "ALT": 320 * (1 - 0.8 * share) * wobble,
            "AST": 280 * (1 - 0.7 * share) / wobble,
            "INR": round((1.2 + 0.9 * share) * wobble, 1),
            "bilirubin_total": 20 + 40 * share,
            "bilirubin_direct": 8 + 20 * share,
            "albumin": 41 - 9 * share,
            "platelets": 210 - 90 * share,
            "ALP": 120.0,
            "GGT": 110.0,
        }
        taken_at = NOW - timedelta(days=3 * (count - place))
        limits = {"ALT": 40.0, "AST": 40.0}
        draws.append(
            records.Draw(
                taken_at,
                tuple(
                    records.Result(name, value, "", None, limits.get(name)) for name, value in results.items()
                ),
                "L1",
            )
        )
    diagnoses = (records.Diagnosis("cirrhosis", NOW.date() - timedelta(days=3000)),)
    return records.Case(as_of=NOW, sex="F", draws=tuple(draws), diagnoses=diagnoses)
