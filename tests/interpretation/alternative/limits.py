"""The numbers of the text, and comparisons with its tolerance (4.2, Inputs: 1.4 - 1.2 is not 0.2 in binary)."""

EPS = 1e-9
ENZYMES = ("ALT", "AST")
OTHER = {"ALT": "AST", "AST": "ALT"}
# Regime: look-back in days, minimum gap in days, hours within which an INR finds its enzymes.
REGIMES = {"acute": (14, 0.5, 6), "subacute": (90, 3, 48), "chronic": (548, 28, 48)}
LOOK_BACK = 548
FALL = {"ALT": 0.50, "AST": 0.40}
PROBABLE_FALL = {"ALT": 0.375, "AST": 0.275}
# One-sided 95% reference changes (4.4, opening), as fractions.
RISE = {"ALT": 0.60, "AST": 0.38, "bilirubin_total": 0.711, "creatinine": 0.134}
BILIRUBIN_FALL, ALBUMIN_FALL = 0.416, 0.072
JAUNDICE = 85.5
CHRONIC = (
    *("cirrhosis", "advanced_fibrosis", "chronic_liver_disease", "hepatitis_b", "hepatitis_c"),
    *("alcohol_related", "masld", "autoimmune_hepatitis", "pbc", "psc", "wilson"),
)


def at_least(a: float, b: float) -> bool:
    return a >= b - EPS


def at_most(a: float, b: float) -> bool:
    return a <= b + EPS


def above(a: float, b: float) -> bool:
    return a > b + EPS


def below(a: float, b: float) -> bool:
    return a < b - EPS


def rise(x: float, y: float) -> bool:
    """4.4: y/x >= 1.15 and y - x >= 0.2 and y >= 1.3."""
    return at_least(y / x, 1.15) and at_least(y - x, 0.2) and at_least(y, 1.3)
