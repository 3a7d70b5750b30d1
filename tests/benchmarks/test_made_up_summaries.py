"""The benchmarks are not run with the tests; that their made-up rows are whole is."""

from django.db.models import NOT_PROVIDED

from patients.models import Assessment, Patient
from tests.benchmarks.people import PATIENTS, SUMMARIES


def left_out(model, sql: str) -> set[str]:
    """Columns that need a value and are not named by this INSERT."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    fields = [field for field in fields if not field.primary_key or field.remote_field]
    needed = {field.column for field in fields if not field.null and field.db_default is NOT_PROVIDED}
    columns = sql.split("(", 1)[1].split(")", 1)[0]
    return needed - {column.strip() for column in columns.split(",")}


def test_the_made_up_summaries_name_every_column_that_needs_a_value():
    assert left_out(Assessment, SUMMARIES) == set()


def test_the_made_up_people_name_every_column_that_needs_a_value():
    assert left_out(Patient, PATIENTS) == set()
