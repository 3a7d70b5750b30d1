import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretation.record.analytes import ANALYTES
from interpretation.record.units import (
    UnknownUnit,
    convert,
    d_dimer_type,
    from_canonical,
    unit_label,
    units_for,
)

PAIRS = [(key, unit) for key, analyte in ANALYTES.items() for unit in analyte.units]
# clinical.md table 2.1: one of this unit in the canonical unit.
FACTORS = [
    *[
        (key, unit, factor)
        for key in ("ALT", "AST", "ALP", "GGT")
        for unit, factor in (("U/L", 1), ("ukat/L", 60), ("nkat/L", 0.06), ("IU/L", 1), ("mU/mL", 1))
    ],
    *[
        (key, unit, factor)
        for key in ("bilirubin_total", "bilirubin_direct", "bilirubin_conjugated")
        for unit, factor in (("umol/L", 1), ("mg/dL", 17.104), ("mg/L", 1.7104))
    ],
    ("albumin", "g/dL", 10),
    ("albumin", "umol/L", 0.0665),
    *[("platelets", unit, 1) for unit in ("10*9/L", "10*3/uL", "K/uL", "G/L", "/nL")],
    ("platelets", "/uL", 0.001),
    ("platelets", "/mm3", 0.001),
    ("platelets", "lakh/uL", 100),
    ("creatinine", "mg/dL", 88.40),
    ("creatinine", "mmol/L", 1000),
    ("sodium", "mEq/L", 1),
    ("prothrombin_activity", "fraction", 100),
    *[(key, "IU/dL", 1) for key in ("factor_v", "factor_vii", "factor_viii")],
    *[(key, "[IU]/mL", 100) for key in ("factor_v", "factor_vii", "factor_viii")],
    ("fibrinogen", "mg/dL", 0.01),
    ("fibrinogen", "umol/L", 0.34),
    ("d_dimer", "ug{FEU}/mL", 1),
    ("d_dimer", "ng{FEU}/mL", 0.001),
    ("d_dimer", "mg{DDU}/L", 2),
    ("d_dimer", "ng/mL DDU", 0.002),
    ("d_dimer", "ng/mL", 0.001),
    ("ammonia", "ug/dL", 0.5872),
    ("ammonia", "ug{N}/dL", 0.7139),
    ("afp", "ng/mL", 1),
    ("afp", "[IU]/mL", 1.21),
    ("crp", "mg/dL", 10),
    ("haemoglobin", "g/dL", 10),
    ("haemoglobin", "mmol/L", 16.114),
    ("haematocrit", "%", 0.01),
    ("white_cells", "/uL", 0.001),
    ("white_cells", "K/uL", 1),
    ("lactate", "mg/dL", 1 / 9.008),
    ("mean_arterial_pressure", "mmHg", 1),
    ("pao2_fio2", "kPa", 7.50062),
]


@pytest.mark.parametrize(("key", "unit", "factor"), FACTORS)
def test_every_factor(key, unit, factor):
    assert convert(key, 1, unit) == factor


@pytest.mark.parametrize(
    ("key", "value", "unit", "expected"),
    [
        ("bilirubin_total", 1, "mg/dL", 17.1),
        ("bilirubin_total", 3.0, "mg/dL", 51.3),
        ("creatinine", 1.5, "mg/dL", 132.6),
        ("ALT", 3.5, "ukat/L", 210),
        ("albumin", 2.8, "g/dL", 28),
        ("platelets", 88000, "/uL", 88),
        ("platelets", 1.5, "lakh/uL", 150),
        ("fibrinogen", 180, "mg/dL", 1.8),
    ],
)
def test_quick_check_values(key, value, unit, expected):
    assert round(convert(key, value, unit), 1) == expected


@pytest.mark.parametrize(
    ("key", "unit", "same_as"),
    [
        ("ALT", "u/l", "U/L"),
        ("ALT", "iu/l", "U/L"),
        ("ALT", "µkat/L", "ukat/L"),
        ("ALT", "μkat/L", "ukat/L"),
        ("ALT", "mckat/L", "ukat/L"),
        ("bilirubin_total", "µmol/L", "umol/L"),
        ("bilirubin_total", "mcmol/l", "umol/L"),
        ("bilirubin_total", "MG/DL", "mg/dL"),
        ("platelets", "x10^9/L", "10*9/L"),
        ("platelets", "×10⁹/L", "10*9/L"),
        ("platelets", "10^9/l", "10*9/L"),
        ("platelets", "10E9/L", "10*9/L"),
        ("platelets", "10*9/uL", None),
        ("platelets", "x 10^3/µL", "10*3/uL"),
        ("platelets", "10³/mm³", "10*3/uL"),
        ("platelets", "k/mcL", "10*3/uL"),
        ("platelets", "K/UL", "10*3/uL"),
        ("platelets", "lakhs/cu.mm", "lakh/uL"),
        ("platelets", "giga.l-1", "10*9/L"),
        ("platelets", "g/L", None),
        ("creatinine", "µmol.L-1", "umol/L"),
        ("INR", "", "{INR}"),
        ("INR", " ", "{INR}"),
        ("INR", "ratio", "{INR}"),
        ("INR", "1", "{INR}"),
        ("INR", "s", None),
        ("PT", "sec", "s"),
        ("PT", "Secs.", "s"),
        ("PT", "%", None),
        ("PT", "", None),
        ("sodium", "mEq/l", "mmol/L"),
        ("d_dimer", "mg/L (FEU)", "mg{FEU}/L"),
        ("ALT", "", None),
        ("albumin", "", None),
        ("albumin", "mg/dL", None),
        ("crp", "g/L", None),
    ],
)
def test_spellings(key, unit, same_as):
    if same_as is None:
        with pytest.raises(UnknownUnit):
            convert(key, 1, unit)
    else:
        assert convert(key, 1, unit) == convert(key, 1, same_as)


@pytest.mark.parametrize(
    ("key", "unit", "text"),
    [
        ("ALT", "xyz", "ALT: unit 'xyz' is not known. Use U/L or µkat/L."),
        ("ALT", "", "ALT: the unit is missing. Use U/L or µkat/L."),
        ("INR", "s", "INR: unit 's' is not known. Leave the unit empty."),
        ("PT", "%", "Prothrombin time: unit '%' is not known. Use s."),
        ("creatinine", "g", "Creatinine: unit 'g' is not known. Use µmol/L, mg/dL or mmol/L."),
    ],
)
def test_an_unknown_unit_says_what_to_use(key, unit, text):
    with pytest.raises(ValueError) as error:
        convert(key, 1, unit)
    assert str(error.value) == text


@given(st.sampled_from(PAIRS), st.floats(0, 1e6))
def test_there_and_back_again(pair, value):
    key, unit = pair
    assert from_canonical(key, convert(key, value, unit), unit) == pytest.approx(value)


@given(st.sampled_from(list(ANALYTES)), st.text())
def test_any_unit_converts_or_is_unknown(key, unit):
    try:
        convert(key, 1, unit)
    except UnknownUnit as error:
        assert str(error).startswith(ANALYTES[key].name)


@pytest.mark.parametrize(
    ("key", "units"),
    [
        ("bilirubin_total", ("umol/L", "mg/dL")),
        ("albumin", ("g/L", "g/dL")),
        ("INR", ("{INR}",)),
        ("ALT", ("U/L", "ukat/L")),
    ],
)
def test_units_of_a_form(key, units):
    assert units_for(key) == units


@pytest.mark.parametrize(
    ("unit", "label"),
    [
        ("umol/L", "µmol/L"),
        ("ukat/L", "µkat/L"),
        ("10*9/L", "×10⁹/L"),
        ("/uL", "/µL"),
        ("{INR}", ""),
        ("mg{FEU}/L", "mg/L FEU"),
        ("ng{DDU}/mL", "ng/mL DDU"),
        ("mg/dL", "mg/dL"),
    ],
)
def test_units_on_the_screen(unit, label):
    assert unit_label(unit) == label


@pytest.mark.parametrize("analyte", ANALYTES.values(), ids=lambda analyte: analyte.key)
def test_the_label_of_the_canonical_unit_agrees(analyte):
    assert unit_label(analyte.unit) == analyte.unit_label


@pytest.mark.parametrize(
    ("unit", "kind"),
    [("mg{FEU}/L", "FEU"), ("ng/mL DDU", "DDU"), ("mg/L", "unknown"), ("ng/mL", "unknown"), ("", "unknown")],
)
def test_the_type_of_a_d_dimer_is_never_guessed(unit, kind):
    assert d_dimer_type(unit) == kind
