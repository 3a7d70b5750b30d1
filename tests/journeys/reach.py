"""What can be pressed is large enough, and nothing is cut off at the side: measured in the browser."""

# 24 CSS px (WCAG 2.5.8), less what rounding of half pixels takes.
LEAST = 23.5
# Links and sources within a sentence are exempt, as are the draws of a drawing: each is a row of a table too.
SMALL = """least => {
    const hasText = parent => [...parent.childNodes].some(node => node.nodeType === 3 && node.data.trim().length > 1);
    const inSentence = element => getComputedStyle(element).display === "inline"
        && (element.matches("summary") || element.matches("a") && hasText(element.parentElement));
    const takesPress = (element, x, y) => {
        const there = document.elementFromPoint(x, y);
        return there && (element.contains(there) || there.closest("label")?.control === element);
    };
    const isSmall = element => {
        const label = element.matches("[type=radio], [type=checkbox]") ? element.labels[0] : null;
        const box = (label ?? element).getBoundingClientRect();
        if (box.width >= least && box.height >= least) return false;
        // The part that takes the press may be larger than the element.
        element.scrollIntoView({block: "center"});
        const {x, y, width, height} = element.getBoundingClientRect();
        const [left, top, reach] = [x + width / 2, y + height / 2, least / 2];
        return ![[-reach, 0], [reach, 0], [0, -reach], [0, reach]]
            .every(([across, down]) => takesPress(element, left + across, top + down));
    };
    const seen = element => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && box.right > 0
            && element.checkVisibility({opacityProperty: true, visibilityProperty: true});
    };
    const [left, top] = [scrollX, scrollY];
    const pressed = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab]";
    const found = [...document.querySelectorAll(pressed)]
        .filter(element => !element.disabled && !element.closest("svg") && seen(element))
        .filter(element => !inSentence(element) && isSmall(element))
        .map(element => `${element.outerHTML.slice(0, 120)} in <${element.parentElement.tagName.toLowerCase()}`
            + ` class="${element.parentElement.className}">`);
    scrollTo(left, top);
    return found;
}"""
# How much wider, and the elements that reach furthest.
WIDER = """() => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    const right = element => element.getBoundingClientRect().right;
    const furthest = [...document.body.querySelectorAll("*")]
        .filter(element => right(element) > innerWidth).sort((one, other) => right(other) - right(one));
    return [wide, furthest.slice(0, 2).map(element => element.outerHTML.slice(0, 120)).join(" and ")];
}"""
# Tables wider than their place that neither a finger nor the keyboard can scroll.
CUT = """() => [...document.querySelectorAll("table")].filter(table => {
    const box = table.getBoundingClientRect();
    const holder = table.closest("[role=region][tabindex='0']");
    const scrolls = holder && ["auto", "scroll"].includes(getComputedStyle(holder).overflowX);
    return box.width > 1 && box.right > innerWidth && !scrolls;
}).map(table => table.outerHTML.slice(0, 120))"""


def faults_of_reach(page) -> list[str]:
    """A sentence for each element that is too small to press, each table whose end cannot be reached, and for a
    page wider than its window."""
    faults = [f"too small to press: {element}" for element in page.evaluate(SMALL, LEAST)]
    faults += [f"its last column cannot be reached: {table}" for table in page.evaluate(CUT)]
    wide, furthest = page.evaluate(WIDER)
    return [*faults, *([f"the page is {wide} px wider than the window: {furthest}"] if wide > 0 else [])]
