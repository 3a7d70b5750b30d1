"""analytes.toml: every test with its codes, units, ranges and names."""

from collections.abc import Iterable

from ..limits import LimitsShape
from ..shape import NAME, TEXT, Content, Each, Files, FlagShape, Many, NumberShape, TableShape, Word

KEYS = (
    "ALT AST ALP GGT bilirubin_total bilirubin_direct bilirubin_conjugated bilirubin_indirect albumin "
    "platelets INR PT prothrombin_activity creatinine sodium factor_v factor_vii factor_viii fibrinogen "
    "d_dimer aptt ammonia afp crp haemoglobin haematocrit white_cells lactate arterial_ph "
    "mean_arterial_pressure pao2_fio2"
)
DERIVED = ("bilirubin_indirect",)
GROUPS = ("enzymes", "liver", "coagulation", "kidney", "other")
AMOUNT = NumberShape(0, 1e9)
UNIT = Word(may_be_empty=True)
DECIMALS = NumberShape(0, 4, whole=True)
FACTOR = NumberShape(1e-6, 1e6)
ENDS = TableShape({}, {"below": AMOUNT, "above": AMOUNT})
BETWEEN = Many(AMOUNT, least=2, most=2)
SLIP = TableShape(
    {"unit": UNIT},
    {
        "at_least": AMOUNT,
        "at_most": AMOUNT,
        "above": AMOUNT,
        "below": AMOUNT,
        "other": NAME,
        "other_above": AMOUNT,
    },
)

ANALYTE = TableShape(
    {
        "name": NAME,
        "short": NAME,
        "group": Word(GROUPS),
        "loinc": Many(NAME),
        "unit": UNIT,
        "unit_label": UNIT,
        "decimals": DECIMALS,
        "choices": Many(UNIT),
        "units": Each(FACTOR),
        "typical": TableShape({}, {"": BETWEEN, "M": BETWEEN, "F": BETWEEN}),
        "refuse": ENDS,
        "confirm": ENDS,
        "synonyms": Many(NAME, least=0),
    },
    {
        "conventional_unit": UNIT,
        "conventional_decimals": DECIMALS,
        "healthy_upper": TableShape({}, {"": AMOUNT, "M": AMOUNT, "F": AMOUNT}),
        "adult_range": FlagShape(),
        "high_note": TEXT,
        "part_of_total": FlagShape(),
        "derived": FlagShape(),
        "warned_synonyms": Each(TEXT),
        "methods": Each(NAME),
        "loinc_by_unit": Each(NAME),
        "slips": Many(SLIP),
    },
    sourced=True,
)

SHAPE = TableShape(
    {
        "limit": LimitsShape(
            {
                "times total bilirubin": "direct_above_total direct_near_total",
                "years": "d_dimer_age_from adult_from",
                "mg/L FEU per year of age": "d_dimer_per_year",
                "INR": "unclottable_inr",
            }
        ),
        "analyte": Each(ANALYTE, KEYS),
    }
)


def rules(files: Files) -> Iterable[str]:
    for key, row in files["analytes"]["analyte"].items():
        place = f"analytes.toml: analyte.{key}"
        yield from _units(place, row)
        yield from _codes(place, row)
        yield from _ranges(place, row)
        if key in KEYS.split() and bool(row.get("derived")) != (key in DERIVED):
            yield f"{place}.derived: other tests and scores are built on it as it is: set it back"


def _units(place: str, row: Content) -> Iterable[str]:
    """Every unit named is one that can be converted, and the own unit counts as it is."""
    if row["units"].get(row["unit"]) != 1:
        yield f"{place}.units: {row['unit']!r}, the unit of the test, must stand there with 1"
    named = [*row["choices"], *row.get("loinc_by_unit", {}), *(slip["unit"] for slip in row.get("slips", ()))]
    if "conventional_unit" in row:
        named.append(row["conventional_unit"])
    for unit in named:
        if unit not in row["units"]:
            yield f"{place}: unit {unit!r} has no factor: add it to units or take it out"


def _codes(place: str, row: Content) -> Iterable[str]:
    for code in (*row.get("loinc_by_unit", {}).values(), *row.get("methods", {})):
        if code not in row["loinc"]:
            yield f"{place}: code {code!r} is not read: add it to loinc or take it out"


def _ranges(place: str, row: Content) -> Iterable[str]:
    for name in ("refuse", "confirm"):
        low, high = row[name].get("below"), row[name].get("above")
        if low is not None and high is not None and low >= high:
            yield f"{place}.{name}: nothing lies between {low:g} and {high:g}: make `below` the smaller"
    for sex, (low, high) in row["typical"].items():
        if not low < high:
            yield f"{place}.typical.{sex or 'all'}: {low:g} is not below {high:g}: write the lower first"
