"""panel.toml: which general statements the panel shows, and what it says of the patient in its own words."""

from collections.abc import Iterable

from ...shape import TEXT, Files, TableShape, keyed, plain

SHOWS = {
    "scenario": "cirrhosis acute_on_chronic after_injury chronic_dysfunction hepatitis_c congestion",
    "meaning": "less_inflammation enzymes_alone",
    "corroboration": "platelets",
    "mechanism": "release clearance factors made_by_the_liver lost_mass markers",
    "other_causes": "exclude_first known imitators vitamin_k_test",
    "now": "anticoagulant precipitant hepatology decompensation albumin_platelets confirm no_plasma transplant",
    "caveats": "synthesis designed_for no_predictor thromboplastins meld viscoelastic two_laboratories point_of_care",
}
# What each sentence is filled with, by section.
OWN = {
    "meaning": {
        "not_interpretable.sample": "",
        "not_interpretable.drug": "",
        "non_recovering": "before now enzyme",
        "variation.both": "enzyme fall least change usual noise",
        "variation.inr": "change usual noise",
        "slow_drift": "first began last ended",
    },
    "other_causes": {"vitamin_k_test": "day levels change general"},
    "now": {
        "died": "day",
        "old_draws": "age day",
        "acute_recovering.normal": "peak inr",
        "acute_recovering.falling": "peak",
        "acute_injury.pressing": "peak",
        "acute_injury.repeat": "peak",
        **plain(
            "measure restore.sample restore.drug repeat_after_vitamin_k review_despite_vitamin_k pregnancy"
        ),
        "explain_rise": "inr day",
        "albumin_platelets.beside": "known",
        "albumin_platelets.never": "general",
        "albumin_platelets.last": "general known",
    },
    "caveats": {"child": ""},
}
SHOWN = TableShape({"words": TEXT}, sourced=True)

SHAPE = TableShape(
    {
        "shows": TableShape(
            {section: TableShape(dict.fromkeys(names.split(), SHOWN)) for section, names in SHOWS.items()}
        ),
        "own": TableShape({section: keyed(rows) for section, rows in OWN.items()}),
    }
)


def rules(files: Files) -> Iterable[str]:
    """What is shown is one statement."""
    known = files["statements"]["statement"]
    for section, names in files["panel"]["shows"].items():
        for name, row in names.items():
            if len(row["sources"]) != 1 or row["sources"][0] not in known:
                place = f"panel.toml: shows.{section}.{name}.sources"
                yield f"{place}: not one statement: name the one of statements.toml that is shown"
