"""The benchmarks are not run with the tests; that their made-up rows are whole is."""

from django.db.models import NOT_PROVIDED

from patients.models import Assessment
from tests.benchmarks.people import SUMMARIES


def test_the_made_up_summaries_name_every_column_that_needs_a_value():
    fields = Assessment._meta.concrete_fields
    needed = {field.column for field in fields if not field.null and field.db_default is NOT_PROVIDED}
    columns = SUMMARIES.split("(", 1)[1].split(")", 1)[0]
    assert needed - {column.strip() for column in columns.split(",")} == set()
