"""A way to put files into the record, and two people to put results to."""

import pytest

from tests.uploads.files import PEOPLE
from uploads import actions


@pytest.fixture
def put(clinic, data_manager):
    """put(labs(...), "more.csv" ...) stores files as the command does and gives back their uploads."""

    def put(*contents: bytes, **asked: bool):
        named = [(f"file{number}.csv", content) for number, content in enumerate(contents, 1)]
        return actions.store(contents=named, clinic=clinic, by=data_manager, **asked)

    return put


@pytest.fixture
def people(put):
    """Two patients, N-1 and N-2."""
    return put(PEOPLE.encode())[0]


@pytest.fixture
def manager(client, data_manager):
    client.force_login(data_manager)
    return client
