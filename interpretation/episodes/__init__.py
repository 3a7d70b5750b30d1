"""The dissociation through time: its grade at each past draw, and episodes that start, peak and end.

Not part of `interpret()`: it asks the rule once for each draw.
"""

from .building import Episode, as_json, episodes
from .closing import Closing
from .points import GradePoint, Grades, grade_at, grades

__all__ = ["Closing", "Episode", "GradePoint", "Grades", "as_json", "episodes", "grade_at", "grades"]
