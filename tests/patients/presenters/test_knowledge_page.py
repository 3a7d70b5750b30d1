"""The knowledge by chapters: everything that is known, from where, how sure, reviewed or not, where it shows."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from interpretation import knowledge as known
from interpretation.catalogue import catalogue
from patients.presenters import knowledge
from patients.presenters.knowledge import counts, uses
from patients.presenters.knowledge.chapters import chapter, entry_address
from patients.presenters.knowledge.search import SHOWN, KnowledgeFilter, found, found_page
from patients.templatetags.clinical import cite
from patients.views.knowledge.entries import entry_html

ADDRESS = reverse("patients:knowledge")
ROLES = ["viewer", "clinician", "data_manager", "administrator", "stranger"]


class Page(HTMLParser):
    """Ids and links of a page."""

    def __init__(self, html: str):
        super().__init__()
        self.ids, self.links = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs.get("href", ""))


@pytest.fixture
def get(client, viewer):
    client.force_login(viewer)

    def page(query="", address=ADDRESS, **headers):
        response = client.get(address + query, headers=headers)
        assert response.status_code == 200
        return response.content.decode()

    return page


@pytest.fixture
def chapters(get) -> dict[str, str]:
    """The page of each chapter by its address."""
    addresses = [reverse("patients:knowledge-chapter", args=[file.name]) for file in catalogue()]
    return {address: get(address=address) for address in addresses}


def entry(anchor: str):
    return next(e for file in catalogue() for e in file.entries if e.anchor == anchor)


# --- who ---


@pytest.mark.parametrize("role", ROLES)
def test_every_role_reads_it_and_has_it_in_the_bar(client, request, role):
    client.force_login(request.getfixturevalue(role))
    html = " ".join(client.get(ADDRESS).content.decode().split())
    assert f'<a href="{ADDRESS}" aria-current="page">Knowledge</a>' in html
    assert f'<a href="{ADDRESS}" >Knowledge</a>' in " ".join(client.get("/").content.decode().split())


def test_who_is_not_signed_in_is_asked_to(client, db):
    assert client.get(ADDRESS).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}?q=warfarin", f"{ADDRESS}chapters/scores/"])
def test_it_asks_the_database_for_no_more_than_a_bare_page(
    client, viewer, django_assert_max_num_queries, address
):
    client.force_login(viewer)
    client.get(address)
    # Session, user, memberships, the notices in the bar, and who signed what is shown.
    with django_assert_max_num_queries(5):
        client.get(address)


# --- what ---


def test_every_entry_stands_once_in_its_chapter(chapters):
    for file, html in zip(catalogue(), chapters.values(), strict=True):
        ids = Page(html).ids
        assert {e.anchor for e in file.entries} <= set(ids)
        assert len(ids) == len(set(ids))


def test_the_list_of_chapters_leads_to_each_entry_under_its_anchor(get, chapters):
    """Where a link of before leads, without scripts too."""
    page = Page(get())
    anchors = [e.anchor for file in catalogue() for e in file.entries]
    assert len(anchors) > 400
    assert set(anchors) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert {entry_address(anchor) for anchor in anchors} <= set(page.links)
    assert set(chapters) <= set(page.links)


def test_every_link_to_an_entry_leads_somewhere(chapters):
    ids = {address: set(Page(html).ids) for address, html in chapters.items()}
    for address, html in chapters.items():
        for link in Page(html).links:
            page, _, anchor = link.partition("#")
            if anchor and anchor != "main":
                assert anchor in ids[page or address], link


def test_a_chapter_lies_between_its_neighbours():
    names = [file.name for file in catalogue()]
    for before, name, after in zip([None, *names], names, [*names[1:], None], strict=False):
        found_one = chapter(name)
        assert (found_one.before and found_one.before.name) == before
        assert (found_one.after and found_one.after.name) == after


def test_a_chapter_that_does_not_exist_is_not_found(client, viewer):
    client.force_login(viewer)
    assert client.get(reverse("patients:knowledge-chapter", args=["liver"])).status_code == 404


def test_only_a_long_chapter_begins_with_its_sections(chapters):
    contents = '<nav class="contents"'
    assert contents in chapters[f"{ADDRESS}chapters/scenario/"]
    assert contents not in chapters[f"{ADDRESS}chapters/prognosis/"]
    assert contents not in chapters[f"{ADDRESS}chapters/references/"]


def test_every_text_of_statements_limits_and_references_is_on_a_page(chapters):
    html = unescape("".join(chapters.values()))
    for sentence in known.statements():
        assert sentence.text in html and sentence.caveat in html
    for reference in known.references():
        assert reference.text in html
    for name in known.files():
        for limit in known.limits(name):
            assert limit.words in html


def test_an_analyte_shows_codes_factors_and_limits():
    html = entry_html(entry("analyte-analytes-bilirubin_total"))
    for text in ("14631-6", "mg/dL × 17.104", "all: 3 to 21", "above 1500 µmol/L", "above 800 µmol/L"):
        assert text in html


@pytest.mark.parametrize(
    ("analyte", "texts"),
    [
        ("ALT", ["20.4%", "one-sided 95%: +60.0% or −37.5%", "one-sided 99%: +94.3% or −48.5%"]),
        ("INR", ["two-sided 95%: +14.9% or −12.9%", "one-sided 95%: +51.5% or −34.0%"]),
        ("factor_v", ["7.8%"]),
    ],
)
def test_variation_shows_its_reference_changes(analyte, texts):
    """Figures of clinical.md 3.3."""
    for text in texts:
        assert text in entry_html(entry(f"cv-variation-{analyte}"))


def test_the_formulas_are_there(get):
    assert "√ln(CV² + 1)" in get("?q=log-normal")


# --- how sure, reviewed ---


@pytest.mark.parametrize(
    ("anchor", "words"),
    [
        ("S3", "sourced"),
        ("S1", "sourced and general knowledge"),
        ("limit-dissociation-rise_floor", "design choice"),
        ("limit-dissociation-rise_ratio", "sourced and design choice"),
        ("limit-analytes-d_dimer_age_from", "general knowledge"),
        ("R22", "reference"),
        ("X_confirm", "computed and design choice"),
        ("labels-causes", "names only"),
    ],
)
def test_how_sure_follows_from_the_sources(anchor, words):
    assert entry(anchor).surely == words
    assert f">{words}</span>" in entry_html(entry(anchor))


def test_what_nobody_has_signed_is_marked_by_shape_and_word(chapters):
    marked = '<span class="state never">not signed</span>'
    assert chapters[f"{ADDRESS}chapters/statements/"].count(marked) == len(chapter("statements").file.entries)
    assert marked not in chapters[f"{ADDRESS}chapters/references/"]


def test_a_reviewed_entry_says_by_whom_and_when():
    reviewed = replace(entry("S3"), reviewed_by="A. Hepatologist", reviewed_on="2026-12-01", is_reviewed=True)
    html = entry_html(reviewed)
    assert '<span class="state fine">reviewed by A. Hepatologist, 1 Dec 2026</span>' in html


HEADER = 'title = "T"\nreviewed_by = "{by}"\nreviewed_on = {on}\n'
LIMIT = '[limit.a]\nvalue = 1\nunit = "d"\nwords = "One."\nsources = ["GK"]\n'
OWN = 'reviewed_by = "B. Own"\nreviewed_on = 2026-12-02\n'


@pytest.mark.parametrize(
    ("by", "on", "more", "reviewed"),
    [
        ("A. Hepatologist", "2026-12-01", "", True),
        ("A. Hepatologist", '"not yet"', "", False),
        ("awaiting sign-off", '"not yet"', "", False),
        ("Awaiting sign-off", "2026-12-01", "", False),
        ("awaiting sign-off", '"not yet"', OWN, True),
    ],
)
def test_reviewed_means_a_person_and_a_date(tmp_path, by, on, more, reviewed):
    (tmp_path / "a.toml").write_text(HEADER.format(by=by, on=on) + LIMIT + more, encoding="utf-8")
    (file,) = catalogue(tmp_path)
    (limit,) = file.entries
    assert limit.is_reviewed is reviewed
    assert known.limits("a", tmp_path).a == 1
    if more:
        assert (limit.reviewed_by, limit.reviewed_on) == ("B. Own", str(date(2026, 12, 2)))


def test_the_counts_add_up():
    total = counts(catalogue())
    assert sum(total.sureness.values()) == total.entries == sum(len(f.entries) for f in catalogue())
    assert total.words.startswith(f"{total.entries} entries, {total.reviewed} reviewed: ")


# --- where it shows ---


@pytest.mark.parametrize(
    ("anchor", "words"),
    [
        ("S8", "panel: "),
        ("S17", "source of AST"),
        ("limit-dissociation-rise_ratio", "rule.course"),
        ("limit-dissociation-vka_days_warfarin", "rule.confounders"),
        ("limit-dissociation-band_coagulation_failure", "patients.charts.labels"),
        ("cause-causes-vka", "card “Other causes of a raised INR”"),
        ("item-monitoring-inr", "card “Checklist”"),
        ("R22", "source of S3"),
    ],
)
def test_each_says_where_it_is_used(anchor, words):
    said = [use.words for use in uses(entry(anchor))]
    assert any(text.startswith(words) for text in said), said


# --- search and filters ---


@pytest.mark.parametrize(
    ("q", "anchor"),
    [
        ("acenocoumarol", "limit-dissociation-vka_days_acenocoumarol"),
        ("PHENPROCOUMON stop", "limit-dissociation-vka_days_phenprocoumon"),
        ("34714-6", "analyte-analytes-INR"),
        ("Dufour", "S3"),
        ("Tellez", "R3"),
        ("1.15 rise", "limit-dissociation-rise_ratio"),
        ("rise_ratio", "limit-dissociation-rise_ratio"),
    ],
)
def test_search_finds_words_numbers_codes_and_sources(q, anchor):
    entries = [e.anchor for _, es in found(KnowledgeFilter(q=q)) for e in es]
    assert anchor in entries
    assert len(entries) < 60


def test_filters_add_to_each_other():
    general = [e for _, es in found(KnowledgeFilter(sure="general")) for e in es]
    assert general and all(e.parts == ("general",) for e in general)
    both = [e for _, es in found(KnowledgeFilter(sure="general", q="warfarin", review="open")) for e in es]
    assert set(both) < set(general)
    assert found(KnowledgeFilter(review="done")) == []


def test_a_long_answer_comes_in_pages_and_each_entry_once():
    state = KnowledgeFilter(sure="sourced")
    whole = [e.anchor for _, es in found(state) for e in es]
    assert len(whole) > 2 * SHOWN
    seen, address = [], "?page=1"
    while address:
        page = found_page(state)
        assert sum(len(es) for _, es in page.sections) == page.last - page.first + 1 <= SHOWN
        seen += [e.anchor for _, es in page.sections for e in es]
        address, state = page.after, replace(state, page=state.page + 1)
    assert seen == whole


def test_a_page_beyond_the_last_is_the_last_and_a_new_filter_begins_at_the_first():
    state = KnowledgeFilter(sure="sourced", page=9999)
    assert found_page(state).last == found_page(state).total
    assert "page" not in state.to(review="open")
    assert KnowledgeFilter.of({"page": "0"}).page == KnowledgeFilter.of({"page": "-1"}).page == 1


def test_the_address_keeps_the_state(get):
    html = " ".join(get("?q=warfarin&sure=design").split())
    assert 'value="warfarin"' in html
    assert '<input type="hidden" form="knowledge-search" name="sure" value="design">' in html
    assert 'href="?q=warfarin&amp;sure=mixed"' in html
    assert 'id="filter-design" class="tag on" href="?q=warfarin"' in html
    assert '"Search for a patient by name or MRN" value=""' in html


def test_what_the_address_says_wrongly_is_not_said(get):
    assert KnowledgeFilter.of({"sure": "very", "review": "perhaps"}) == KnowledgeFilter()
    assert "Nothing matches" in get("?q=xyzzy")


def test_a_script_gets_the_part_and_a_reader_the_page(get):
    part = get("?q=warfarin", **{"HX-Request": "true"})
    assert part.lstrip().startswith('<section id="knowledge"')
    assert "<html" not in part and "<html" in get("?q=warfarin")


def test_a_search_is_text_not_markup(get):
    assert "<script>alert" not in get("?q=<script>alert(1)</script>")


# --- citations lead here ---


def test_every_source_that_can_be_cited_is_an_anchor():
    ids = {r.id for r in known.references()} | {s.id for s in known.statements()}
    assert ids <= {e.anchor for file in catalogue() for e in file.entries}
    html = cite(sorted(ids))
    assert set(re.findall(r'href="([^"]+)"', html)) == {entry_address(id) for id in ids}


def test_a_citation_looks_as_before_and_is_one_stop_for_the_keyboard():
    html = cite(("S3", "R22"))
    assert html.startswith('<details class="cite"><summary>S3 · Dufour 2000</summary>')
    assert "<a " not in html.partition("</summary>")[0]


def test_citations_of_a_patients_page_lead_to_anchors(client, viewer, patient, make_draw, chapters):
    for at, alt, inr in [("2025-01-10", 120, 1.2), ("2025-04-10", 80, 1.4), ("2025-07-10", 40, 1.7)]:
        make_draw(patient, f"{at}T08:00", ALT=(alt, 40), INR=inr)
    client.force_login(viewer)
    page = Page(client.get(reverse("patients:detail", args=[patient.uuid])).content.decode())
    cited = [link.split("#") for link in page.links if link.startswith(f"{ADDRESS}chapters/")]
    assert {"R14", "R16"} <= {anchor for _, anchor in cited}
    assert all(anchor in Page(chapters[address]).ids for address, anchor in cited)


def test_the_files_are_walked_once(get, monkeypatch):
    get()
    monkeypatch.setattr(knowledge, "catalogue", lambda: 1 / 0)
    get()
