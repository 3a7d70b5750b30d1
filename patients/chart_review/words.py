"""What reviewers are asked, and the answers they choose from."""

from interpretation.knowledge import load
from patients.words import URGENCY_WORDS

CAUSES = {
    "liver": "The liver makes less",
    **{key: row["name"] for key, row in load("causes").read_by(__name__, "cause")["cause"].items()},
    "none": "Nothing to explain",
    "unclear": "Cannot tell",
}
CONFIDENCE = {1: "Unsure", 2: "Fairly sure", 3: "Sure"}
DISSOCIATION = {True: "yes", False: "no"}
URGENCY = URGENCY_WORDS
STRATUM_WORDS = {
    "quiet": "not flagged",
    "pattern": "dissociation",
    "urgent": "urgent, no dissociation",
    "unreadable": "INR not interpretable",
}
