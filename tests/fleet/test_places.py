"""Where a fleet's queue is: with the ledger of its profiles, on a server, and in one place."""

import os
from pathlib import Path

import pytest

from dialer.errors import LedgerUnusable, UsageError
from dialer.fleet.places import queue_location

PROFILES = """
[profiles.acme]
ledger = "postgresql://acme@db.example.com/dialer"
ledger_schema = "acme"
[profiles.beta]
ledger_schema = "beta"
[profiles.gamma]
"""

HERE = "postgresql://me@db.example.com/dialer"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with profiles."""
    (tmp_path / "dialer.toml").write_text(PROFILES, "utf-8")
    os.environ["DIALER_LEDGER"] = HERE
    return tmp_path


def test_the_queue_lies_with_its_ledger(folder: Path) -> None:
    """A profile's own, or in its schema of the environment's, or the environment's; `--ledger` stands in for that."""
    driver = "postgresql+psycopg"
    assert queue_location(folder, ["acme"], None) == f"{driver}://acme@db.example.com/dialer?schema=acme"
    assert queue_location(folder, ["beta"], None) == f"{driver}://me@db.example.com/dialer?schema=beta"
    assert queue_location(folder, ["gamma", "default"], None) == HERE
    assert queue_location(folder, ["default"], "postgresql://db/other") == "postgresql://db/other"


def test_queues_of_several_ledgers_need_several_workers(folder: Path) -> None:
    """Which one is meant has to be said."""
    with pytest.raises(UsageError, match=r"queues acme, beta, default, gamma lie in several ledgers\. Name those"):
        queue_location(folder, [], None)


def test_what_is_no_queue_is_answered(folder: Path, tmp_path: Path) -> None:
    """An unknown profile, no ledger at all, and a ledger in a file."""
    with pytest.raises(UsageError, match=r"has no profile acne\. There are: default, acme, beta, gamma\."):
        queue_location(folder, ["acne"], None)
    with pytest.raises(LedgerUnusable, match=r"ledger.db: is a file, and a fleet shares a ledger in PostgreSQL"):
        queue_location(tmp_path, ["default"], "ledger.db")
    del os.environ["DIALER_LEDGER"]
    (folder / "dialer.toml").unlink()
    with pytest.raises(UsageError, match=r"No ledger is named\. Set DIALER_LEDGER"):
        queue_location(folder, [], None)
