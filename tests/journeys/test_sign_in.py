"""A clinician signs in and sees who needs attention."""

from playwright.sync_api import expect

LEVELS = ["today", "24_to_48_h", "1_to_2_weeks", "4_weeks", "routine"]
GRADES = ["critical", "established", "possible", "rising", "not_interpretable", "none", "not_assessable"]


def test_a_clinician_signs_in_and_sees_critical_patients_on_top(visit):
    window = visit()
    window.go("/")
    page = window.page
    window.examine("sign-in")
    page.get_by_label("Sign-in name").fill("clinician")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The name and the password do not go together.")
    window.examine("sign-in-refused")

    page.get_by_label("Password").fill("liver-demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
    expect(page.get_by_text("Demo: invented people")).to_be_visible()
    # The list opens on who is new or worse; the order is that of everybody.
    expect(page.locator("#filter-new")).to_have_attribute("aria-current", "true")
    page.locator("#filter-all").click()
    expect(page.locator("#filter-all")).to_have_attribute("aria-current", "true")
    living = page.locator("table.worklist tbody tr").filter(has_not_text=", died")
    grades = living.evaluate_all("rows => rows.map(row => row.className)")
    levels = living.locator("[class*=level-]").evaluate_all(
        "marks => marks.map(mark => mark.className.match(/level-(\\w+)/)[1])"
    )
    assert (levels[0], grades[0]) == ("today", "critical")
    order = list(zip(levels, grades, strict=True))
    assert order == sorted(order, key=lambda row: (LEVELS.index(row[0]), GRADES.index(row[1])))

    page.get_by_role("button", name="Sign out").click()
    window.go("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
