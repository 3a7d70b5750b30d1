"""Tests by the names of German, French and Spanish laboratories, and names too vague to be one."""

import pytest

from interpretation.record import analytes

NAMES = {
    "ALT": ["GPT", "GPT (ALAT)", "ALAT/TGP", "Glutamat-Pyruvat-Transaminase", "Transaminasa GPT"],
    "AST": ["GOT", "ASAT (GOT)", "TGO", "Aspartate aminotransférase"],
    "ALP": [
        "AP",
        "Alk. Phosphatase",
        "Alkalische Phosphatase",
        "Phosphatase alcaline",
        "Fosfatasas alcalinas",
    ],
    "GGT": ["Gamma-GT", "γ-GT", "γGT", "g-GT", "Gamma-Glutamyl-Transferase", "Gamma-glutamiltransferasa"],
    "bilirubin_total": ["Bilirubin gesamt", "Bilirubin (ges.)", "Gesamtbilirubin", "Bili ges."],
    "bilirubin_direct": ["Bilirubin direkt", "Bilirubin (dir.)", "Bilirubine directe"],
    "bilirubin_conjugated": ["Bilirubin konjugiert", "Bilirrubina conjugada"],
    "bilirubin_indirect": ["Bilirubine libre", "Bilirrubina indirecta"],
    "albumin": ["Albumin i.S.", "Albumin (Serum)", "Serumalbumin", "Albúmina"],
    "platelets": ["Thrombozyten", "Thrombozytenzahl", "THRO", "Plaquettes", "Recuento de plaquetas"],
    "INR": ["TP-INR", "INR (Quick)"],
    "PT": ["Temps de Quick", "Tiempo de protrombina"],
    "prothrombin_activity": [
        "Quickwert",
        "Quick (TPZ)",
        "Taux de prothrombine (TP)",
        "Actividad de protrombina",
    ],
    "creatinine": ["Kreatinin", "Kreatinin i.S.", "Krea", "Créatinine", "Créatininémie"],
    "sodium": ["Natrium", "Natrium (Serum)", "Natrémie", "Sodio"],
    "aptt": ["aktivierte partielle Thromboplastinzeit", "Temps de céphaline activée"],
    "ammonia": ["Ammoniak", "Amonio"],
    "afp": ["Alpha-1-Fetoprotein", "Alfafetoproteína"],
    "crp": ["C-reaktives Protein (CRP)", "Protéine C réactive"],
    "haematocrit": ["Hämatokrit", "Hkt"],
    "white_cells": ["Leukozyten", "Leukos", "Globules blancs"],
    "LDH": ["Laktatdehydrogenase"],
    "CK": ["Kreatinkinase", "CK gesamt"],
    "lactate": ["Laktat", "Lactat"],
}
# Of another sample or too little said: total protein is a TP too, and PCR is no name of CRP alone.
VAGUE = [
    "Bilirubin",
    "Kreatinin i.U.",
    "Albumin (Urin)",
    "Thromboplastinzeit",
    "TPZ",
    "TP",
    "PCR",
    "FA",
    "HK",
]


@pytest.mark.parametrize(("key", "name"), [(key, name) for key, names in NAMES.items() for name in names])
def test_a_test_by_its_name_abroad(key, name):
    found = analytes.find(name)
    assert found and found.key == key


@pytest.mark.parametrize("name", VAGUE)
def test_a_name_that_may_be_two_tests_is_none(name):
    assert analytes.find(name) is None
