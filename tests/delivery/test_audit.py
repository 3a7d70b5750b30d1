import json

from delivery.audit import UNREACHED, report

FOUND = {
    "dependencies": [
        {
            "name": "django",
            "version": "5.2.1",
            "vulns": [{"id": "PYSEC-1", "fix_versions": ["5.2.2", "6.0"]}],
        },
        {"name": "hl7", "version": "0.4.5", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]},
        {"name": "idna", "version": "3.20", "vulns": []},
        {"name": "qrcode", "skip_reason": "Dependency not found"},
    ]
}


def test_each_known_fault_is_said_with_what_mends_it():
    assert list(report(json.dumps(FOUND), ""))[:2] == [
        "django 5.2.1: PYSEC-1, mended in 5.2.2, 6.0",
        "hl7 0.4.5: PYSEC-2, mended in no version yet",
    ]


def test_what_could_not_be_looked_up_does_not_count_as_free_of_faults():
    assert list(report(json.dumps(FOUND), ""))[2:] == [
        "2 known faults in 3 packages that were looked up.",
        "1 could not be looked up: qrcode.",
    ]


def test_without_a_network_it_says_that_nothing_was_looked_up():
    assert list(report("", "Traceback\n  ...\nConnectionError: no answer\n")) == [
        UNREACHED,
        "ConnectionError: no answer",
    ]
