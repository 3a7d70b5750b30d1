"""The ribbon of past grades: its geometry, its page and the part that the patient page loads."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import PatientAccess
from interpretation import Case, Draw, Event, Result
from interpretation.episodes import grades
from patients.charts import FIGURES, chart_data
from patients.charts.below.strip import LEAST, links, strip
from patients.charts.reading.ranges import spans, within
from patients.charts.ribbon import HEIGHTS, LATER, ribbon
from patients.models import Diagnosis
from patients.report.as_of import parse_as_of, text_of
from patients.values.display import Units
from tests.words import words_of

START = datetime(2025, 1, 1, 8, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
# One line: what matters is the rule, not where it breaks.
STYLES = Path(__file__).parents[3] / "static/css"
CSS = " ".join(
    word
    for name in ("ribbon.css", "chart.css")
    for word in (STYLES / name).read_text(encoding="utf-8").split()
)


def at(days) -> datetime:
    return START + timedelta(days=days)


def drawn(days, alt, inr) -> Draw:
    return Draw(at(days), (Result("ALT", alt, upper_limit=40), Result("INR", inr)), "L1")


def made(*rows, events=(), later=(), more=0):
    """The ribbon of draws (days, ALT, INR), as of the last, with its axis from day 0 to day 100."""
    case = Case(as_of=at(rows[-1][0]), draws=tuple(drawn(*row) for row in rows), events=events)
    points = grades(case).points
    return ribbon(points, later, more, (at(0), at(100)), lambda moment: f"/{moment:%Y-%m-%d}")


# None until day 30, possible, established, then critical.
ROWS = ((0, 300, 1.2), (20, 290, 1.2), (30, 170, 1.5), (40, 140, 1.6), (50, 100, 2.4))


def test_a_cell_reaches_from_its_draw_to_the_next_and_the_last_to_the_end():
    cells = made(*ROWS).cells
    assert [(cell.x, cell.width) for cell in cells] == [(0, 20), (20, 10), (30, 10), (40, 10), (50, 50)]


def test_a_bar_holds_the_draws_of_one_grade():
    found = made(*ROWS)
    assert [(bar.grade, bar.x) for bar in found.bars] == [
        ("not_assessable", 0), ("none", 20), ("possible", 30), ("established", 40), ("critical", 50),
    ]  # fmt: skip
    assert sum(bar.width for bar in found.bars) == pytest.approx(100)


def test_worse_is_higher_and_bars_stand_on_one_line():
    bars = {bar.grade: bar for bar in made(*ROWS).bars}
    order = ("none", "possible", "established", "critical")
    heights = [bars[grade].height for grade in order]
    assert heights == sorted(set(heights))
    assert {bar.y + bar.height for bar in bars.values()} == {made(*ROWS).base}


def test_only_changes_of_grade_stop_the_tab_key():
    cells = made(*ROWS[:4], (45, 135, 1.6)).cells
    assert [cell.starts for cell in cells] == [True, True, True, True, False]
    assert [cell.current for cell in cells] == [False] * 4 + [True]


def test_a_cell_says_its_moment_grade_and_inr():
    cell = made(*ROWS).cells[2]
    assert cell.words == "31 Jan 2025, 08:00: Possible dissociation, INR 1.2 → 1.5"
    assert cell.href == "/2025-01-31"


def test_shapes_that_would_lie_on_each_other_leave_the_worst():
    found = made((0, 300, 1.2), (30, 290, 1.2), (31, 150, 1.5), (32, 100, 2.4))
    assert [mark.grade for mark in found.marks] == ["not_assessable", "critical"]


@pytest.mark.parametrize(("day", "word"), [(60, True), (97, False)])
def test_a_word_stands_where_there_is_room(day, word):
    assert made((0, 300, 1.2), (30, 290, 1.2), (day, 100, 2.4)).marks[-1].word is word


def test_draws_before_the_axis_have_no_cell():
    case = Case(as_of=at(50), draws=tuple(drawn(*row) for row in ROWS))
    found = ribbon(grades(case).points, (), 0, (at(25), at(100)), str)
    assert [cell.at for cell in found.cells] == [at(20), at(30), at(40), at(50)]
    assert found.cells[0].x == 0


def test_an_inr_that_cannot_be_read_has_its_own_pattern():
    events = (Event("vka", at(25), label="Warfarin"),)
    assert (
        made((0, 120, 1.1), (20, 110, 1.1), (30, 100, 2.6), events=events).bars[-1].grade
        == "not_interpretable"
    )
    assert ".stretch.not_interpretable { fill: url(#unreadable)" in CSS and "not_interpretable" in HEIGHTS


def test_later_draws_stand_in_the_margin():
    later = grades(Case(as_of=at(60), draws=tuple(drawn(*row) for row in (*ROWS, (60, 90, 2.5))))).points[-1:]
    found = made(*ROWS, later=later, more=3)
    assert [cell.words.split(":")[0] for cell in found.later] == ["2 Mar 2025, 08"]
    assert (found.more_later, len(found.cells)) == (3, 5)


@pytest.mark.parametrize("view", ["stacked", "overlay"])
def test_the_columns_are_the_margins_of_the_figure(view):
    """Else the ribbon would not stand on the axis of the chart."""
    case = Case(as_of=at(50), draws=tuple(drawn(*row) for row in ROWS))
    margin = FIGURES[view](chart_data(case, None, Units("si")), "limit")["layout"]["margin"]
    left, right = re.search(
        r"\.strip \{[^}]*grid-template-columns: ([\d.]+)% minmax\(0, 1fr\) ([\d.]+)%", CSS
    ).groups()
    assert (round(float(left) * 7.68), round(float(right) * 7.68)) == (margin["l"], margin["r"])


@pytest.mark.parametrize("days", ["window", "all"])
def test_the_axis_of_the_strip_is_that_of_the_figure(days):
    found = SimpleNamespace(grade="possible", enzyme="ALT", baseline_at=at(30), latest_at=at(50))
    whole = chart_data(Case(as_of=at(50), draws=tuple(drawn(*row) for row in ROWS)), found, Units("si"))
    first, last = FIGURES["stacked"](within(whole, days), "limit")["layout"]["xaxis"]["range"]
    span = spans(whole)[days]
    assert (first[:10], last[:10]) == (f"{span[0]:%Y-%m-%d}", f"{span[1]:%Y-%m-%d}")


# --- the strip ---


@pytest.mark.parametrize(("day", "word"), [(40, True), (92, False)])
def test_a_word_stands_in_the_strip_where_it_fits(day, word):
    bars = strip("all", made((0, 300, 1.2), (20, 290, 1.2), (day, 100, 2.4)), str).bars
    assert [bar.word for bar in bars if bar.grade == "critical"] == [word]


def test_the_strip_ends_with_the_grade_of_its_last_draw():
    assert strip("all", made(*ROWS), str).now == "critical"


def test_places_to_press_are_24_pixels_wide_and_keep_the_changes_of_grade():
    close = [(n / 10, 300, 1.2) for n in range(300)]
    found = links(made(*close, *ROWS[2:]).cells)
    assert all(link.width >= LEAST for link in found) and len(found) < 30
    assert found[0].starts and sum(link.starts for link in found) >= 3
    assert found[-1].current and found[-1].words.startswith("20 Feb 2025")


def test_the_draw_at_the_very_end_of_the_strip_can_be_pressed():
    found = links(made((0, 300, 1.2), (98, 100, 2.4), (99, 90, 2.6)).cells)
    assert found[-1].current and found[-1].width >= LEAST
    assert found[-1].x + found[-1].width == pytest.approx(100)


# --- the text of a moment in an address ---


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2025, 8, 11, 7, 10, tzinfo=UTC), "2025-08-11T08:10"),
        (datetime(2025, 8, 11, 7, 10, 30, tzinfo=UTC), "2025-08-11T08:10:30+01:00"),
        # 01:30 comes twice on this day: the second needs its offset.
        (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), "2025-10-26T01:30"),
        (datetime(2025, 10, 26, 1, 30, tzinfo=UTC), "2025-10-26T01:30:00+00:00"),
    ],
)
def test_a_moment_in_an_address_is_read_as_itself(clinic, moment, text):
    assert text_of(moment, clinic.zone) == text
    assert parse_as_of(text, clinic.zone, timezone.now()).timestamp() == moment.timestamp()


# --- the page and its part ---


@pytest.fixture
def progressive(patient, make_draw):
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    for taken_at, alt, ast, inr in (
        ("2025-01-01T08:00", 112, 98, 1.2),
        ("2025-07-02T08:00", 74, 70, 1.3),
        ("2026-01-01T08:00", 48, 52, 1.5),
        ("2026-07-02T08:00", 34, 41, 1.7),
    ):
        make_draw(patient, taken_at, ALT=(alt, 40), AST=(ast, 40), INR=(inr, 1.2))
    return patient


@pytest.fixture
def get(client, clinician, patient):
    client.force_login(clinician)
    address = reverse("patients:ribbon", kwargs={"uuid": patient.uuid})
    return lambda query="", **headers: client.get(address + query, headers=headers)


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_page_has_ribbon_episodes_and_grades(get, progressive):
    response = get()
    shown = text(response)
    assert response.content.count(b'class="tick"') == 4
    assert "Grades of 4 draws, 1 episode" in shown
    assert "ALT 112 U/L on 1 Jan 2025 INR 1.2 on 1 Jan 2025 → 1.7 on 2 Jul 2026" in shown
    assert "Open , last shown 2 Jul 2026" in shown
    assert b'<details class="fold" open>' in response.content


def test_htmx_gets_the_part(get, progressive):
    response = get(**HTMX)
    assert b"<html" not in response.content and b'<section id="ribbon"' in response.content
    assert b'<div class="strip" data-range="window">' in response.content
    assert "HX-Request" in response["Vary"]


def test_nothing_inline(get, progressive):
    content = get().content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", content)


def test_each_cell_opens_the_page_of_its_draw(get, progressive, client):
    content = words_of(get("?view=overlay"))
    hrefs = re.findall(r'<a href="([^"]+)" hx-get="\1"', content)
    href = next(one.replace("&amp;", "&") for one in hrefs if "as_of=2026-01-01T08%3A00" in one)
    assert "view=overlay" in href
    shown = text(client.get(href))
    assert "Collected by 1 Jan 2026, 08:00" in shown
    label = re.findall(r'aria-label="([^"]+)"', content)
    assert "1 Jan 2026, 08:00: Established dissociation, INR 1.2 → 1.5" in label
    assert "Pattern Established" in shown


def test_an_earlier_day_keeps_later_draws_in_the_margin(get, progressive):
    content = get("?as_of=2025-07-03").content.decode()
    assert content.count('class="tick"') == 2
    assert "Later: 1 Jan 2026, 08:00: Established dissociation" in content
    assert "Later: 2 Jul 2026, 08:00" in content
    assert "INR 1.7" not in text(get("?as_of=2025-07-03"))


def test_more_later_draws_than_fit_are_counted(get, progressive, make_draw):
    for day in range(3, 10):
        make_draw(progressive, f"2026-07-0{day}T08:00", ALT=34, INR=1.7)
    content = get("?as_of=2025-07-03&view=overlay").content.decode()
    assert content.count('aria-label="Later: ') == LATER["overlay"]
    assert f">+{9 - LATER['overlay']}</a>" in content


def test_now_nothing_is_later(get, progressive):
    assert "Later draws" not in get().content.decode()


def test_known_then_shows_only_what_was_known(get, progressive):
    """The draws of this test are stored today."""
    content = get("?as_of=2026-08-01&known=then").content.decode()
    assert "No draws by 1 Aug 2026" in content and 'class="tick"' not in content
    today = timezone.now().date().isoformat()
    assert "as known here then" in get(f"?as_of={today}&known=then").content.decode()


def test_no_draws_and_no_values_are_said(get, patient, make_draw):
    assert "No draws by" in text(get())
    make_draw(patient, "2026-01-01T08:00", creatinine=80)
    shown = get().content.decode()
    assert 'class="tick"' not in shown and "Not assessable" in shown
    assert b'id="ribbon"' in get(**HTMX).content


def test_a_long_record_says_what_was_left_out(get, patient, make_draw):
    for n in range(160):
        make_draw(patient, START + timedelta(days=n), ALT=50, INR=1.1)
    assert "the newest 150; 10 other draws left out" in text(get())


def test_a_bad_date_leads_to_now(get, progressive, patient):
    response = get("?as_of=tomorrow")
    assert response.status_code == 302
    assert response.url == reverse("patients:ribbon", kwargs={"uuid": patient.uuid})


def test_the_patient_page_loads_it_and_has_a_link_without_scripts(client, clinician, progressive):
    client.force_login(clinician)
    address = reverse("patients:detail", kwargs={"uuid": progressive.uuid})
    content = client.get(f"{address}?as_of=2026-01-31&draws=all&scale=units").content.decode()
    link = f"{address}ribbon/?as_of=2026-01-31"
    assert f'hx-get="{link}" hx-trigger="load"' in content
    assert f'href="{link}">Grade at each draw, and episodes</a>' in content


def looks() -> list[str]:
    return list(PatientAccess.objects.order_by("id").values_list("page", flat=True))


def test_one_look_is_logged_once(get, client, progressive):
    client.get(reverse("patients:detail", kwargs={"uuid": progressive.uuid}))
    get(**HTMX)
    assert looks() == ["detail"]


def test_the_part_asked_for_alone_is_logged(get, progressive):
    get(**HTMX)
    assert looks() == ["ribbon"]


def test_the_page_is_logged(get, client, progressive):
    client.get(reverse("patients:detail", kwargs={"uuid": progressive.uuid}))
    get()
    assert looks() == ["detail", "ribbon"]


def test_no_query_for_each_draw(get, progressive, make_draw, django_assert_max_num_queries):
    for day in range(3, 30):
        make_draw(progressive, f"2026-07-{day:02}T08:00", ALT=34, INR=1.7)
    get(**HTMX)
    with django_assert_max_num_queries(10):
        get(**HTMX)
