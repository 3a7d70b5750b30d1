"""How much a page asks of its reader: its height, its words, what Tab stops at, where its parts end."""

from dataclasses import dataclass

# What a reader needs without scrolling: the INR with the grades under it, the first thing to do, the first
# cause to exclude, when to look again.
PARTS = {"INR": ".strips", "first order": ".order", "first cause": ".ex", "next due": ".cells"}
MEASURE = """parts => {
    const pressed = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const isStop = element => !element.disabled && element.tabIndex >= 0
        && element.checkVisibility({visibilityProperty: true});
    const bottom = element => Math.round(element.getBoundingClientRect().bottom + scrollY);
    const ends = Object.entries(parts).map(([name, place]) => [name, document.querySelector(place)])
        .filter(([, element]) => element).map(([name, element]) => [name, bottom(element)]);
    return {
        height: document.documentElement.scrollHeight,
        words: document.querySelector("main").innerText.split(/\\s+/).filter(Boolean).length,
        stops: [...document.querySelectorAll(pressed)].filter(isStop).length,
        ends: Object.fromEntries(ends),
    };
}"""


@dataclass(frozen=True)
class Screen:
    """Pixels but for `words` and `stops`; `ends` of the PARTS that the page has, from its top."""

    height: int
    words: int
    stops: int
    ends: dict[str, int]


def screen_of(page) -> Screen:
    return Screen(**page.evaluate(MEASURE, PARTS))
