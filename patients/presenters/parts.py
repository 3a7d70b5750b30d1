"""The patient page's own parts that are too dear to hold the page up."""

from patients.plugins import Part

PARTS = (
    Part(
        "Grade at each draw, and episodes",
        "patients:ribbon",
        place="chart",
        keeps=("view", "as_of", "known"),
        id="ribbon",
        css="strips",
    ),
    Part(
        "What would change this reading",
        "patients:changes",
        place="meaning",
        keeps=("draws", "as_of", "known"),
        id="changes",
        css="",
    ),
)
