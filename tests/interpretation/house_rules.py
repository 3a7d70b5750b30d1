"""The house rules of wording, each as a function: the part of a text that breaks it, or None.

A rule sees one text: a sentence or a few that are shown together. What a rule lets pass is listed beside it.
"""

import re
from collections.abc import Callable

ANY_CASE = re.IGNORECASE
SENTENCE = re.compile(r"(?<=[.;:])\s+")


def banned(pattern: str, flags=ANY_CASE) -> Callable[[str], str | None]:
    """A rule that lets nothing pass."""
    wanted = re.compile(pattern, flags)

    def rule(text: str) -> str | None:
        found = wanted.search(text)
        return found[0] if found else None

    return rule


# --- bleeding ---

BLEEDING = re.compile(r"\b(re)?bleed\w*|\bhaemorrhag\w*", ANY_CASE)
# What may be said: that INR does not tell it, what was found, and bleeding as an event of the patient.
BLEEDING_MAY = (
    r"not for predicting bleeding in liver disease",  # S19
    r"INR does not predict bleeding in liver disease",  # S21
    r"found more bleeding at INR 1\.5 to 2\.0 than at 1\.5 or below .* but no further rise",  # S21, caveat
    r"Do not read INR as a measure of bleeding risk",  # S28
    r"no major bleed in either arm",  # S28, caveat
    r"It does not measure bleeding risk in liver disease",  # X_no_bleeding
    r"makes clotting factors; not bleeding risk",  # the title of the panel of INR on every chart
    r"It says nothing of bleeding",  # MELD
    r"variceal bleed(ing)?",
)


def bleeding_risk(text: str) -> str | None:
    rest = re.sub("|".join(BLEEDING_MAY), "", text, flags=ANY_CASE)
    found = BLEEDING.search(rest)
    return found[0] if found else None


# --- treatment of a number ---

PRODUCT = r"(plasma|FFP|prothrombin complex|PCC|cryoprecipitate|vitamin K|platelets)"
BLOOD = PRODUCT.replace("|vitamin K", "")
NOT = re.compile(r"\b(not|never|no|without|before)\b", ANY_CASE)


def correct_the_inr(text: str) -> str | None:
    """A blood product or vitamin K as the remedy of a number. A dose of vitamin K as a test is no remedy."""
    for part in SENTENCE.split(text):
        remedy = re.search(
            rf"{PRODUCT}\b.*\bto (correct|normali[sz]e|lower|reverse|bring down)\b", part, ANY_CASE
        )
        given = re.search(
            rf"\b(give|transfuse|administer|consider)\b (?:[a-z]+ ){{0,3}}?{BLOOD}", part, ANY_CASE
        )
        corrected = re.search(
            r"\bcorrect(s|ing|ion of)? (the |this |a )?(raised )?(INR|coagulopathy)", part, ANY_CASE
        )
        found = remedy or given or corrected
        if found and not NOT.search(part):
            return found[0]
    return None


# --- outcome ---

OUTCOME = re.compile(r"\b(mortality|surviv\w*|death|died)\b", ANY_CASE)
FIGURE = re.compile(r"\d\s*%|hazard ratio|odds ratio", ANY_CASE)
POPULATION = re.compile(
    r"hospitalised|in hospital|inpatients|patients (with|listed|on)|cohort|people with|candidates", ANY_CASE
)


def outcome_without_population(text: str) -> str | None:
    found = OUTCOME.search(text)
    return found[0] if found and FIGURE.search(text) and not POPULATION.search(text) else None


# --- enzymes ---

ENZYME = re.compile(r"\b(ALT|AST|transaminases?|enzymes?)\b", ANY_CASE)
GOOD = re.compile(r"\b(improv\w*|better|recover(y|ing|ed|s)?|normalis\w*|good sign)\b", ANY_CASE)
BESIDE = re.compile(r"\bINR\b|bilirubin|albumin|synthe|\bnot?\b|\bnothing\b", ANY_CASE)


def good_enzymes(text: str) -> str | None:
    """Falling enzymes called good without a word on what the liver makes."""
    for part in re.split(r"(?<=\.)\s+", text):
        if ENZYME.search(part) and (found := GOOD.search(part)) and not BESIDE.search(part):
            return found[0]
    return None


# --- spelling ---

AMERICAN = (
    r"\b(hemo(globin|rrhag|ly|stas|dilu|phil|dialy)\w*|hematocrit|hematolog\w*|an?emi[ac]\b(?<!aemi[ac])|edema\w*|"
    r"ischemi\w*|leuk?ocyt\w*(?<!leucocyte)|esophag\w*|diarrhea|pediatric\w*|tumor\w*|fiber|liters?|center(ed|s)?|"
    r"color(s|ed)?|behavior\w*|gr[a]y\b|lipemi\w*|cholestyramine|acetaminophen|epinephrine|sulfa\w*|catheteriz\w*|"
    r"(hospital|normal|stabil|recogn|organ|character|util|minim|maxim|anticoagul|general|summar|categor)iz\w*|"
    r"analyz\w*|labor(?!ator|ed)\b|judgment|aluminum)"
)


# --- figures and units ---

ARTEFACT = r"\bNone\b(?! of)|\bnan\b|\binf\b|[{}]|\[\]|\(\)|\bTrue\b|\bFalse\b|<\w+ object"
# A range (24-48 h) and a name (N-100, 6301-6) keep their hyphen; a number below zero has a real minus.
HYPHEN_MINUS = r"(?:(?<=[\s(→])|^)-\d"
MICRO = r"μ"
UNITS = r"\bumol\b|\bug/|10\*9|10\^9|(?<!×)\b10⁹|x ?10[⁹9]|\bx ULN\b|\bx upper\b|\bmcg\b"

ANYWHERE = {
    "no bleeding risk": bleeding_risk,
    "no remedy of a number": correct_the_inr,
    "never exclusively": banned(r"\bexclusively\b"),
    "no figure of outcome without its population": outcome_without_population,
    "falling enzymes are no good news": good_enzymes,
    "nothing is reassuring": banned(r"\breassur\w*"),
    "no exclamation": banned(r"!"),
    "British spelling": banned(AMERICAN),
    "nothing is safe": banned(r"\bsafe(ly|r|st)?\b"),
    "no diagnosis is made": banned(r"\b(diagnosis is(?! (not )?recorded)|is diagnostic|diagnosed with)\b"),
    "the micro sign": banned(MICRO, 0),
    "units as we write them": banned(UNITS, 0),
    "a real minus": banned(HYPHEN_MINUS),
}
# Of what is shown as it stands, not of parts that are put together.
WHOLE = {
    "no double spaces": banned(r" {2,}"),
    "no artefacts": banned(ARTEFACT, 0),
    "no space before a stop": banned(r"\s[.,;:](\s|$)"),
    "no doubled stop": banned(r"(?<!\.)\.\.(?!\.)|,,|;;"),
}


def full_stop(text: str) -> str | None:
    return None if re.search(r"[.?…][”\")]?$", text) else text[-20:]


def broken(text: str, *rules: dict) -> list[str]:
    """ "rule: the part that breaks it" for each rule that the text breaks."""
    named = [(name, rule) for some in rules for name, rule in some.items()]
    return [f"{name}: “{found}”" for name, rule in named if (found := rule(text))]
