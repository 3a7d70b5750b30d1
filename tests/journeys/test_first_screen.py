"""The answer lies in the first screen of a laptop, and the page below it is short."""

import pytest

from .browsing import LAPTOP
from .screen import PARTS, screen_of

# Critical today, with causes to exclude; nothing to do.
CRITICAL = ("D-0002", "D-0003", "D-0009")
WELL = ("D-0004", "D-0006", "D-0010", "D-0016", "D-0018", "D-0021", "D-0023")
# The words of what is due change with the hour.
AIR = 15


def opened(visit, hospital, mrn: str, query: str = ""):
    window = visit("clinician")
    window.go(f"/patients/{hospital.patient(mrn).uuid}/{query}")
    window.settled()
    return screen_of(window.page)


@pytest.mark.parametrize("mrn", CRITICAL)
def test_a_critical_patient_is_read_without_scrolling(visit, hospital, mrn):
    found = opened(visit, hospital, mrn)
    assert found.ends.keys() == PARTS.keys()
    assert {name: end for name, end in found.ends.items() if end > LAPTOP["height"] - AIR} == {}
    assert found.height <= 1500 and found.words <= 700 and found.stops <= 150


def test_with_every_tab_open_the_keyboard_gets_through(visit, hospital):
    assert opened(visit, hospital, CRITICAL[0], "?tab=all").stops <= 350


@pytest.mark.parametrize("mrn", WELL)
def test_the_page_of_a_well_patient_is_short(visit, hospital, mrn):
    assert opened(visit, hospital, mrn).height <= 900
