"""The version is written in one place, shown at the foot of every page and told by manage.py."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import reverse

from config.version import VERSION

MANAGE = Path(__file__).parents[2] / "manage.py"


@pytest.mark.parametrize("page", ["patients:worklist", "patients:knowledge", "meetings:figures"])
def test_pages_say_their_version(client, clinician, page):
    client.force_login(clinician)
    assert f"Version {VERSION}." in client.get(reverse(page)).text


def test_the_sign_in_page_says_it_too(client, db):
    assert f"Version {VERSION}." in client.get(reverse("account_login")).text


@pytest.mark.parametrize("word", ["version", "--version"])
def test_the_command_line_tells_ours_and_not_that_of_django(word):
    told = subprocess.run([sys.executable, MANAGE, word], capture_output=True, text=True, check=True)
    assert told.stdout == f"Liver dissociation {VERSION}\n"
