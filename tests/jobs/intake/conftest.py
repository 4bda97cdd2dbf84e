"""The ledgers of `tests/ledger`, for stories that both kinds have to keep."""

from tests.ledger.conftest import database, file, location, postgres

__all__ = ["database", "file", "location", "postgres"]
