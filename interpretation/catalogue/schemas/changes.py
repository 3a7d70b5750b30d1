"""changes.toml: what would change the reading, in words and in the order of use."""

from collections.abc import Iterable

from ..limits import LimitsShape
from ..shape import NAME, Files, Many, TableShape, keyed, plain, sentences

CHANGES = {
    "second_draw": "day outcome",
    "next_draw": "day inr outcome",
    "after_products": "day inr outcome",
    "baseline_laboratory": "laboratory day inr outcome",
    "trend": "values day outcome",
    "stop_confirmed": "drug wait day inr outcome",
    "exclude": "causes outcome",
    "contributing": "causes outcome",
    "vitamin_k_fall": "inr hours outcome",
    "vitamin_k_none": "inr hours outcome",
    "albumin": "albumin bilirubin outcome",
    "encephalopathy": "outcome",
}
GRADES = "critical established possible none none_at_all not_interpretable"

SHAPE = TableShape(
    {
        "order": Many(NAME),
        "limit": LimitsShape(
            {
                "changes": "shown",
                "d": "next_acute_days next_subacute_days next_chronic_days",
                "INR": "lowest_inr inr_reach",
                "h": "vitamin_k_hours",
            }
        ),
        "outcome": TableShape(
            {
                "grade": sentences(plain(GRADES), sourced=False),
                "base_grade": sentences(plain("established possible"), sourced=False),
                "attribution": sentences(plain("hepatic_supported undetermined confounded"), sourced=False),
            },
            sourced=True,
        ),
        "change": keyed(CHANGES),
    }
)


def rules(files: Files) -> Iterable[str]:
    order = files["changes"]["order"]
    for kind in CHANGES:
        if order.count(kind) != 1:
            yield f"changes.toml: order: {kind!r} stands there {order.count(kind)} times: name it once"
