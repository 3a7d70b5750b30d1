"""One spelling for names and units, whatever a laboratory writes. Pure text: knows no analyte."""

import re
from functools import lru_cache

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_MARKS = str.maketrans({"µ": "u", "μ": "u", "×": "x"} | dict.fromkeys("[]().", ""))
# Older and other spellings of one unit: mg% are mg in 100 mL, UI are IU, mval are mEq.
_SPELLINGS = (
    (re.compile(r"^([mun]?)g(?:ms?|r)?(?:%|/100ml)$"), r"\1g/dl"),
    (re.compile(r"^([mun]?)(?:gms?|gr)(?=/)"), r"\1g"),
    (re.compile(r"^([mkun]?)ui(?=/)"), r"\1iu"),
    (re.compile(r"^mval(?=/)"), "meq"),
    (re.compile(r"/(?:litre|liter|ltr)$"), "/l"),
)
_POWER = re.compile(r"^x?10(?:\*\*|\*|\^|e)?([359])/")


@lru_cache(maxsize=4096)
def fold_name(text: str) -> str:
    """ "Bilirubin, Total" -> "bilirubin total". The percent sign stays: "PT %" is not "PT"."""
    words = text.casefold().replace("%", " percent ")
    return " ".join(re.sub(r"[\W_]+", " ", words).split())


@lru_cache(maxsize=4096)
def fold_unit(text: str) -> str:
    """ "x10^9 / L", "10*9/L" and "×10⁹/L" -> "10*9/l"; "mcmol.L-1" -> "umol/l"."""
    text = power_signs(text)
    text = re.sub(r"\.([a-z]?l)-1$", r"/\1", text.strip(), flags=re.IGNORECASE)
    unit = "".join(text.translate(_MARKS).casefold().split()).replace("mm^3", "mm3")
    unit = re.sub(r"mc(?=mol|g|kat|l)", "u", unit)
    for pattern, plain in _SPELLINGS:
        unit = pattern.sub(plain, unit)
    return _POWER.sub(r"10*\1/", unit)


def power_signs(text: str) -> str:
    """ "10⁹" -> "10^9"."""
    return _RAISED.sub(lambda found: "^" + found[0].translate(SUPERSCRIPTS), text)


_LABELS = {
    "10*9/L": "×10⁹/L",
    "10*3/uL": "×10³/µL",
    "{INR}": "",
    "{pH}": "",
    "mm[Hg]": "mmHg",
    "{fraction}": "fraction",
    "ug{N}/dL": "µg/dL as N",
}


@lru_cache(maxsize=4096)
def unit_label(unit: str) -> str:
    """A unit as shown on the screen: "umol/L" -> "µmol/L", "mg{FEU}/L" -> "mg/L FEU"."""
    if unit in _LABELS:
        return _LABELS[unit]
    shown = re.sub(r"^(\w+)\{(FEU|DDU)\}(/\w+)$", r"\1\3 \2", unit)
    return re.sub(r"\bu(?=mol|kat|g/|L\b)", "µ", shown)
