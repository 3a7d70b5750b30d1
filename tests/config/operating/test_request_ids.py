"""One id for the answer, its page and each line of the log."""

import io
import json
import logging
import re

import pytest
from django.test import Client, override_settings
from django.urls import path

from config import urls as site
from config.logs import JsonLine, NoTraceOfRefusals, TextLine

NAME = "Okafor, N-100"
HEX = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def lines():
    """What the console would show: as text and as JSON."""
    text, objects = io.StringIO(), io.StringIO()
    logger = logging.getLogger("django")
    handlers = []
    for stream, formatter in ((text, TextLine()), (objects, JsonLine())):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        handler.addFilter(NoTraceOfRefusals())
        handlers.append(handler)
        logger.addHandler(handler)
    yield lambda: (text.getvalue(), [json.loads(line) for line in objects.getvalue().splitlines()])
    for handler in handlers:
        logger.removeHandler(handler)


def test_an_id_is_made_for_each_request(client):
    first, second = (client.get("/health/live")["X-Request-ID"] for _ in range(2))
    assert HEX.fullmatch(first) and HEX.fullmatch(second) and first != second


def test_the_proxys_is_taken_over(client):
    with override_settings(BEHIND_PROXY=True):
        answer = client.get("/health/live", headers={"X-Request-ID": "9f1c-77-abcdef"})
    assert answer["X-Request-ID"] == "9f1c-77-abcdef"


def test_without_a_proxy_nobody_chooses_one(client):
    answer = client.get("/health/live", headers={"X-Request-ID": "9f1c-77-abcdef"})
    assert HEX.fullmatch(answer["X-Request-ID"])


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "Okafor, Ada 1961", "a\tb-123456", "<b>12345678", "-2345678"]
)
def test_what_is_not_plain_is_not_taken_over(client, given):
    with override_settings(BEHIND_PROXY=True):
        answer = client.get("/health/live", headers={"X-Request-ID": given})
    assert HEX.fullmatch(answer["X-Request-ID"])


def test_a_refusal_is_one_line_that_names_it(client, viewer, lines):
    client.force_login(viewer)
    answer = client.get("/staff/")
    text, objects = lines()
    number = answer["X-Request-ID"]
    assert answer.status_code == 403 and f"<code>{number}</code>" in answer.content.decode()
    assert text.splitlines()[-1].endswith(
        f"WARNING django.request: [{number}] Forbidden (Permission denied): /staff/"
    )
    assert "Traceback" not in text and text.count("\n") == 1
    (line,) = objects
    assert (line["request"], line["level"], line["logger"]) == (number, "WARNING", "django.request")
    assert "error" not in line and line["time"].endswith("+00:00")


def test_what_is_refused_without_an_exception_names_it_too(client, viewer, lines):
    client.force_login(viewer)
    answer = client.get("/search/")
    assert answer.status_code == 405
    assert {line["request"] for line in lines()[1]} == {answer["X-Request-ID"]}


def fail(request):
    raise RuntimeError(NAME)


urlpatterns = [path("fail/", fail), *site.urlpatterns]
handler400, handler500 = site.handler400, site.handler500


def test_a_failure_names_it_on_its_page_and_in_the_log(db, lines, settings):
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    answer = client.get("/fail/")
    number, (line,) = answer["X-Request-ID"], lines()[1]
    assert answer.status_code == 500 and f"<code>{number}</code>" in answer.content.decode()
    assert line["request"] == number and line["error"].endswith("builtins.RuntimeError")
    assert NAME not in lines()[0] + json.dumps(line)


def test_outside_of_a_request_there_is_none(client):
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "Two\nlines", (), None)
    client.get("/health/live")
    assert json.loads(JsonLine().format(record))["message"] == "Two\nlines"
    assert "\n" not in JsonLine().format(record)
