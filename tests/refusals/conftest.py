from tests.uploads.conftest import people, put

__all__ = ["people", "put"]
