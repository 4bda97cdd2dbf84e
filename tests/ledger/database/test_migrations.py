"""Ledgers of earlier programs, opened by this one: everything that they promise is kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import func, select, table, text

from dialer.errors import TransitionRefused
from dialer.ledger.campaign_standing import standing_of
from dialer.ledger.database.migrations import STEPS
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import SCHEMA_VERSION, State, attempts, dispositions
from dialer.ledger.row_reports import reports
from dialer.ledger.runs import campaign_id_of, find_run
from dialer.ledger.suppression_list import number_digests, suppress_numbers
from dialer.ledger.transitions.claims import claim_all
from tests.ledger.books import (
    NOON_MS,
    attempt,
    attempt_rows,
    claims,
    contact_rows,
    held,
    person,
    planned,
    take_in,
    verdicts,
)
from tests.ledger.database.older import VERSIONS, schema_of, write_older


def _phone(row: int, *, area: str = "212") -> str:
    return f"+1{area}55501{row:02d}"


def _rows() -> list[Any]:
    return [person(row, phone=_phone(row)) for row in range(2, 12)] + [held(12)]


def test_a_step_leads_to_every_version() -> None:
    """No version is left out: the last step reaches the tables of this program."""
    assert list(STEPS) == list(range(2, SCHEMA_VERSION + 1))
    assert {name[0] for name in VERSIONS} == set("12345678")


@pytest.mark.parametrize("version", VERSIONS)
def test_migrated_ledger_has_the_tables_of_a_new_one(
    location: str, version: str, new_file: Path, request: pytest.FixtureRequest
) -> None:
    """Columns, types, defaults, constraints and indexes are those of a new ledger, in the same order."""
    write_older(location, version).dispose()
    is_server = location.startswith("postgresql")
    with Ledger.open(location) as ledger, Ledger.open(new_file) as new_on_disk:
        new: Ledger = request.getfixturevalue("kept_ledger") if is_server else new_on_disk
        assert schema_of(ledger.engine) == schema_of(new.engine)


_SHAPES = [("sqlite", version) for version in VERSIONS] + [
    ("postgresql", version) for version in ("1_first", "2", "3_again")
]


@pytest.fixture(params=_SHAPES, ids=" ".join)
def shape(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Return a kind of database and the version of a ledger on it."""
    return cast("tuple[str, str]", request.param)


@pytest.fixture
def version(shape: tuple[str, str]) -> str:
    """Return the version that the migrated ledger had."""
    return shape[1]


@pytest.fixture
def migrated(shape: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """Yield a ledger that an earlier program wrote, opened by this one."""
    location = str(request.getfixturevalue("file" if shape[0] == "sqlite" else "database"))
    write_older(location, shape[1]).dispose()
    with Ledger.open(location) as ledger:
        yield ledger


def test_nobody_is_called_twice_after_a_migration(migrated: Ledger, version: str) -> None:
    """A later run finds every person as the older program left them, and may claim only who surely has no call."""
    is_redialled = version in {"3_again", "3_regions", "3_mended", "4", "5", "6", "7", "8"}
    take_in(migrated.engine, "r3", _rows(), content="later")
    found = {row: (status, reason) for row, status, reason in verdicts(migrated.engine, "r3")}
    waiting, created = ("pending", "waiting"), ("skipped", "already_created")
    assert found == {
        2: created,
        3: waiting,
        4: ("unknown", "no_reply"),
        5: ("unknown", "no_reply"),
        6: ("unknown", "interrupted"),
        7: ("skipped", "suppressed") if version[0] in "345678" else waiting,
        8: waiting,
        9: ("skipped", "replaced") if is_redialled else waiting,
        10: waiting if is_redialled else created,
        11: waiting,
        12: ("rejected", "phone_missing"),
    }
    sendable = [row for row, verdict in found.items() if verdict == waiting]
    calls = planned(migrated.engine, "r3", sendable)
    with migrated.write() as tx:
        claim_all(tx, claims("r3", calls))
    assert [call.phone for call in calls] == [_phone(row) for row in sendable]


def test_purged_people_stay_remembered(migrated: Ledger, version: str) -> None:
    """Whoever was called before a purge is recognised under the key that the older program made."""
    people = [person(row, phone=_phone(row, area="415")) for row in (2, 3)]
    take_in(migrated.engine, "w2", people, content="again", campaign="winter")
    waiting = ("pending", "waiting")
    called = waiting if version.startswith("1") else ("skipped", "already_created")  # version 1 could not purge
    assert verdicts(migrated.engine, "w2") == [(2, *called), (3, *waiting)]


def test_suppression_reaches_contacts_of_older_programs(migrated: Ledger) -> None:
    """A number suppressed after the migration is looked up by each claim, also of a contact stored before it."""
    with migrated.read() as tx:
        digest_of = number_digests(tx, [_phone(row) for row in range(2, 12)])
    assert {row.phone: row.number_digest for row in contact_rows(migrated.engine)} == digest_of
    take_in(migrated.engine, "r3", _rows(), content="later")
    (call,) = planned(migrated.engine, "r3", [8])
    with migrated.write() as tx:
        suppress_numbers(tx, [_phone(8)], reason="asked", at_ms=NOON_MS)
    with pytest.raises(TransitionRefused), migrated.write() as tx:
        claim_all(tx, claims("r3", [call]))


def test_no_row_is_lost(migrated: Ledger, version: str) -> None:
    """Every row, contact, attempt and end of a call is there after the migration."""
    kept = {"sheet_rows": 11, "run_rows": 22, "contacts": 10, "attempts": 10}
    with migrated.read() as tx:
        assert {name: tx.scalar(select(func.count()).select_from(table(name))) for name in kept} == kept
        ends = set(tx.scalars(select(dispositions.c.call_id)))
        standing = standing_of(tx, campaign_id_of(tx, "spring") or 0, now_ms=NOON_MS)
    assert ends == (
        {"call-1", "call-9"}
        if version[0] in "45678" or version in {"3_ends", "3_again", "3_regions", "3_mended"}
        else set()
    )
    assert (standing.counts[State.CREATED] + standing.again, standing.counts[State.UNKNOWN]) == (2, 2)


def test_rows_are_reported_as_they_were(migrated: Ledger) -> None:
    """What the older program's run did to each row is told as that program told it."""
    with migrated.read() as tx:
        run = find_run(tx, "r1")
    statuses = {report.row: str(report.status) for report in reports(migrated, run)}
    assert statuses == {
        2: "created",
        3: "failed",
        4: "unknown",
        5: "unknown",
        6: "unknown",
        7: "pending",
        8: "pending",
        9: "failed",
        10: "created",
        11: "pending",
        12: "rejected",
    }
    left: dict[tuple[int, int], str | None]
    left = {(1, 1): "created", (2, 1): "failed", (2, 2): "failed", (3, 1): "pending", (3, 2): "unknown"}
    left |= {(4, 1): "unknown", (5, 1): None, (7, 1): "pending", (8, 1): "failed", (9, 1): "created"}
    assert {(row.contact_id, row.number): row.left_state for row in attempt_rows(migrated.engine)} == left


def test_tables_refer_to_each_other_as_before(migrated: Ledger) -> None:
    """No row points at nothing, and a new contact gets a number of its own."""
    take_in(migrated.engine, "r3", [person(2, phone=_phone(99))], content="later")
    attempt(migrated.engine, claims("r3", planned(migrated.engine, "r3", [2]))[0], None)
    with migrated.read() as tx:
        assert tx.scalars(select(attempts.c.contact_id).where(attempts.c.phone == _phone(99))).one() > 10
        if migrated.engine.dialect.name == "sqlite":
            assert tx.execute(text("PRAGMA foreign_key_check")).all() == []
