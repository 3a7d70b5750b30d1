"""The file for nginx: read by nginx itself; what must never stand in a log is not asked for."""

import re
import subprocess

import pytest

from tests import nginx
from tests.benchmarks.cluster import free_port

TEXT = nginx.SITE.read_text(encoding="utf-8")


@pytest.mark.skipif(not nginx.PROGRAM, reason=nginx.MISSING)
@pytest.mark.parametrize("tls", [True, False])
def test_nginx_takes_the_file(tmp_path, tls):
    nginx.write(tmp_path, [free_port()], plain=free_port(), port=free_port(), tls=tls)
    done = subprocess.run(nginx.command(tmp_path, "-t"), capture_output=True, text=True, check=False)
    assert (done.returncode, re.findall("warn|emerg", done.stderr)) == (0, []), done.stderr


def test_no_log_holds_what_follows_the_question_mark():
    [form] = re.findall(r"log_format (.+?);", TEXT, re.DOTALL)
    asked = set(re.findall(r"\$(\w+)", form))
    assert asked.isdisjoint({"request", "request_uri", "args", "query_string", "http_referer", "is_args"})
    logs = re.findall(r"^ *(access_log|error_log) (.+);", TEXT, re.MULTILINE)
    assert {words.split()[-1] for _, words in logs} == {"liver", "off", "alert"}


def test_it_takes_what_the_product_takes(settings):
    [most] = re.findall(r"location = /uploads/ \{\s+client_max_body_size (\d+)m;", TEXT)
    assert int(most) > settings.MAX_UPLOAD_MB * 1.5
    [other] = re.findall(r"^    client_max_body_size (\d+)m;", TEXT, re.MULTILINE)
    assert int(other) * 1024**2 > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
