import logging
import sys

import pytest
from django.test import Client

from config.logs import Quiet

NAME = "Okafor"


def written(error: BaseException) -> str:
    """What the log says of an error that was raised by another with a name in it."""
    try:
        try:
            raise KeyError(NAME)
        except KeyError as cause:
            raise error from cause
    except type(error):
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "Failed", (), sys.exc_info())
    return Quiet().format(record)


def test_an_exception_is_logged_with_its_kind_and_place():
    text = written(ValueError("x"))
    assert text.endswith("builtins.ValueError")
    assert "test_logs.py" in text


def test_an_exception_is_logged_without_its_words():
    assert NAME not in written(ValueError(f"{NAME}, MRN N-100"))


@pytest.mark.django_db
def test_a_search_is_not_logged(caplog):
    Client().get("/no-such-page/?q=Okafor")
    assert "Okafor" not in caplog.text
