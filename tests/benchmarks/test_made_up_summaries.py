"""The benchmarks are not run with the tests; that their made-up rows are whole is."""

import pytest
from django.db.models import NOT_PROVIDED

from meetings.models import Action, AgendaItem, Discussion
from patients.models import Assessment, CauseReview, Patient
from tests.benchmarks import crowd, people


@pytest.mark.parametrize(
    ("model", "sql"),
    [
        (Patient, people.PATIENTS),
        (Patient, crowd.PEOPLE),
        (Assessment, people.SUMMARIES),
        (Assessment, crowd.ROWS),
        (CauseReview, people.VERDICTS),
        (AgendaItem, people.ITEMS),
        (Discussion, people.DISCUSSIONS),
        (Action, people.ACTIONS),
    ],
)
def test_made_up_rows_name_every_column_that_needs_a_value(model, sql):
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    fields = [field for field in fields if not field.primary_key or field.remote_field]
    needed = {field.column for field in fields if not field.null and field.db_default is NOT_PROVIDED}
    columns = sql.split("(", 1)[1].split(")", 1)[0]
    assert needed - {column.strip() for column in columns.split(",")} == set()
