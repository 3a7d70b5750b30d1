"""The vectors that clinical.md 4.4 prints, as JSON cases: both readings of the rule answer them."""

from tests.interpretation.json_cases import case, draw, event, stamp


def rows(*found, **more):
    """Draws from (day, ALT, AST, INR); None leaves a result out."""
    names = ("alt", "ast", "inr")
    return [
        draw(day, **{n: v for n, v in zip(names, values, strict=True) if v is not None}, **more)
        for day, *values in found
    ]


def mg_dl(bilirubin):
    return bilirubin * 17.104


CLD = ("chronic_liver_disease",)
CIRRHOSIS = ("cirrhosis",)
CHOLESTATIC = rows((0, 210, 180, 1.2), (7, 130, 110, 1.5), (14, 80, 76, 1.9))
ANTIBIOTIC = event("antibiotic", 4, 14)
BEFORE = draw(-4, alt=2000, inr=1.2)

# --- b: quiet enzymes ---


def quiet(*inrs, ast=(), step=90, alt=20, **more):
    """Draws `step` days apart with ALT about 20, in cirrhosis."""
    asts = list(ast) or [None] * len(inrs)
    draws = rows(*((k * step, alt, a, inr) for k, (a, inr) in enumerate(zip(asts, inrs, strict=True))))
    return case(*draws, diagnoses=CIRRHOSIS, **more)


QUIET = [
    ((1.2, 1.4, 1.6), "established"),
    ((1.3, 1.2, 1.3, 1.2, 1.3, 1.5), "possible"),
    ((1.4, 1.3, 1.4, 1.3, 1.4, 1.5), "none"),
    ((1.2, 1.4), "possible"),
    ((1.3, 1.4), "none"),
    # Three draws: z/a 1.167 is enough for possible only.
    ((1.2, 1.3, 1.4), "possible"),
]

# --- c: urgency ---

WARFARIN = event("vka", -60, label="Warfarin")
CRITICAL = (
    draw(0, alt=2000, inr=1.4, bilirubin=100),
    draw(2, alt=900, inr=2.4, bilirubin=120),
)
URGENCY = {
    "post-acute after a peak of 40 times": (
        case(draw(0, alt=1600, inr=2.6, bilirubin=250), draw(2, alt=960, inr=2.9, bilirubin=376)),
        "today",
    ),
    "cirrhosis with a new kidney failure": (
        case(
            draw(0, ast=31, inr=2.4, bilirubin=357, creatinine=100),
            draw(4, ast=72, inr=4.5, bilirubin=357, creatinine=345),
            diagnoses=CIRRHOSIS,
        ),
        "today",
    ),
    "AST not quiet, before the repeat": (
        case(*rows((0, None, 35, 1.2), (120, None, 35, 1.2), (240, None, 70, 2.4))),
        "today",
    ),
    "AST not quiet, after the repeat": (
        case(*rows((0, None, 35, 1.2), (120, None, 35, 1.2), (240, None, 70, 2.4), (241, None, 70, 2.4))),
        "today",
    ),
    "ALT 100 to 51": (case(*rows((0, 100, None, 1.2), (365, 51, None, 1.4))), "4_weeks"),
    "ALT 100 to 63": (case(*rows((0, 100, None, 1.2), (365, 63, None, 1.4))), "4_weeks"),
    "one draw, new ascites": (
        case(
            draw(0, alt=30, inr=2.4, bilirubin=190),
            diagnoses=CIRRHOSIS,
            events=(event("ascites", -1),),
        ),
        "today",
    ),
    "INR 2.5 for two years": (
        case(*rows(*((k * 100, 30, 35, 2.5) for k in range(8))), diagnoses=CIRRHOSIS),
        "routine",
    ),
    "PSC, bilirubin 210 for a year": (
        case(*(draw(k * 90, alt=50, inr=1.2, bilirubin=210) for k in range(5)), diagnoses=("psc",)),
        "routine",
    ),
    "slow rise to 2.2": (
        case(*(draw(k * 180, alt=30, inr=i, bilirubin=30) for k, i in enumerate((1.7, 1.9, 2.0, 2.2)))),
        "24_to_48_h",
    ),
    "one draw, INR 8.0": (case(draw(0, alt=70, inr=8.0, bilirubin=300)), "today"),
    "cirrhosis, one draw": (case(draw(0, alt=30, inr=2.4, bilirubin=190), diagnoses=CIRRHOSIS), "24_to_48_h"),
    "on warfarin": (case(*rows((-30, 30, None, 2.5), (0, 5000, None, 9)), events=(WARFARIN,)), "today"),
    "encephalopathy after a peak": (
        case(draw(0, alt=3000, inr=1.4), events=(event("encephalopathy", 0, grade=2),)),
        "today",
    ),
    "critical, last draw 20 days old": (case(*CRITICAL, as_of=stamp(22)), "1_to_2_weeks"),
    "critical, last draw 600 days old": (case(*CRITICAL, as_of=stamp(602)), "routine"),
}

# --- e: trials of vitamin K ---

HOUR = 1 / 24
# INR before the dose, then (hours after it, INR): kind of the trial.
TRIALS = [
    (2.4, [(24, 1.5)], "responder"),
    (2.4, [(24, 1.5), (71, 2.3)], "rebound"),
    (1.5, [(20, 1.3)], "partial"),
    (1.5, [(20, 1.3), (60, 1.5)], "rebound"),
    (2.2, [(18, 2.4), (28, 2.1), (54, 1.4)], "non_responder"),
    (2.0, [(24, 1.9), (48, 1.9)], "non_responder"),
    # To 1.5 counts from above 1.5 only, and with a fall of 20%.
    (1.6, [(24, 1.4)], "partial"),
    (2.0, [(24, 1.5)], "responder"),
    (2.0, [(60, 1.4)], "responder"),
]
