import json
import logging
import sys

import pytest
from django.test import Client

from config import logs
from config.logs import Quiet, tell

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


@pytest.mark.parametrize(
    ("form", "read"), [("text", str.strip), ("json", lambda line: json.loads(line)["message"])]
)
def test_what_a_service_says_at_its_start_has_the_form_of_its_log(form, read, monkeypatch, capsys):
    monkeypatch.setattr(logs, "LOG_FORMAT", form)
    tell("Open http://localhost:8000/")
    assert read(capsys.readouterr().out) == "Open http://localhost:8000/"
