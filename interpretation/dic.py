"""The ISTH points for overt DIC, which both the confounders and the scores ask for. [clinical.md 7.8]"""


def isth_overt_dic(
    platelets: float | None,
    d_dimer_ratio: float | None,
    pt_over_limit: float | None,
    fibrinogen: float | None,
) -> int | None:
    """ISTH points for overt DIC; None when an input is missing. Only with an associated disorder. [R27]

    `platelets` ×10⁹/L, `d_dimer_ratio` multiples of the upper limit, `pt_over_limit` seconds above the
    upper limit, `fibrinogen` g/L.
    """
    if platelets is None or d_dimer_ratio is None or pt_over_limit is None or fibrinogen is None:
        return None
    return (
        (0 if platelets >= 100 else 1 if platelets >= 50 else 2)
        + (0 if d_dimer_ratio < 2 else 2 if d_dimer_ratio <= 4 else 3)
        + (0 if pt_over_limit < 3 else 1 if pt_over_limit < 6 else 2)
        + (0 if fibrinogen >= 1.0 else 1)
    )
