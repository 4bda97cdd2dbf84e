"""Suppression files watched during a run: what they add is held, what cannot be read is told."""

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from dialer.campaign.file import Campaign
from dialer.errors import SheetError
from dialer.jobs.intake.suppression_watch import SuppressionWatch
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import contacts
from dialer.ledger.runs import Run
from dialer.ledger.suppression_list import add_contact_numbers, entries, suppressed_among
from dialer.ledger.transitions.claims import hold_suppressed_in_run
from tests.ledger.books import NOON_MS, attempt, begin, claims, person, planned, take_in, verdicts
from tests.support import ANY_HOUR, CampaignFolder, number


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a suppression file with one number in it."""
    path = tmp_path / "do_not_call.csv"
    path.write_text(f"phone\n{number(1)}\n", "utf-8")
    return path


@pytest.fixture
def campaign(tmp_path: Path, file: Path) -> Campaign:
    """Return a campaign with that file."""
    return CampaignFolder(tmp_path).campaign(f'{ANY_HOUR}[suppression]\nfiles = ["{file.name}"]\n')


def _held(ledger: Ledger, run: Run) -> set[str]:
    with ledger.read() as tx:
        return set(suppressed_among(tx, [number(index) for index in range(5)], campaign_id=run.campaign_id))


def test_file_that_does_not_change_adds_nothing(campaign: Campaign, tmp_path: Path) -> None:
    """What the file held when the run read it is known to the run; the list stays empty."""
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        run = begin(ledger.engine, "r1")
        SuppressionWatch(campaign).take_changes(ledger, run, at_ms=NOON_MS)
        assert _held(ledger, run) == set()


def test_changed_file_is_read_once(campaign: Campaign, file: Path, tmp_path: Path) -> None:
    """A number written into the file counts for this campaign at the next look, and for no other."""
    watch = SuppressionWatch(campaign)
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        run = begin(ledger.engine, "r1")
        file.write_text(f"phone\n{number(1)}\n{number(2)}\n", "utf-8")
        watch.take_changes(ledger, run, at_ms=NOON_MS)
        watch.take_changes(ledger, run, at_ms=NOON_MS)
        assert _held(ledger, run) == {number(1), number(2)}
        with ledger.read() as tx:
            assert entries(tx) == []
        watch.begin(ledger, "spring", at_ms=NOON_MS, are_rows_judged=True)
        assert _held(ledger, run) == set()


def test_file_that_keeps_its_size_and_its_time_is_read_too(campaign: Campaign, file: Path, tmp_path: Path) -> None:
    """A program that copies a list in its place may give it the time of the one before."""
    before, watch = file.stat(), SuppressionWatch(campaign)
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        run = begin(ledger.engine, "r1")
        file.write_text(f"phone\n{number(2)}\n", "utf-8")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        watch.take_changes(ledger, run, at_ms=NOON_MS)
        assert _held(ledger, run) == {number(2)}


@pytest.mark.parametrize("content", [None, "phone\n?\n"])
def test_file_that_cannot_be_read_is_told_until_it_can(
    campaign: Campaign, file: Path, tmp_path: Path, content: str | None
) -> None:
    """Missing or half-written, it raises at every look, and is read when it is whole again."""
    watch = SuppressionWatch(campaign)
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        run = begin(ledger.engine, "r1")
        if content is None:
            file.unlink()
        else:
            file.write_text(content, "utf-8")
        for _ in range(2):
            with pytest.raises(SheetError):
                watch.take_changes(ledger, run, at_ms=NOON_MS)
        file.write_text(f"phone\n{number(3)}\n", "utf-8")
        os.utime(file, ns=(0, 0))
        watch.take_changes(ledger, run, at_ms=NOON_MS)
        assert _held(ledger, run) == {number(3)}


@pytest.mark.parametrize("are_rows_judged", [True, False])
def test_a_list_past_its_age_stops_what_begins(file: Path, tmp_path: Path, *, are_rows_judged: bool) -> None:
    """Neither a run nor a retry begins on a list that is older than the campaign allows; a day earlier it does."""
    tables = f'{ANY_HOUR}[suppression]\nfiles = ["{file.name}"]\nmax_age = "31d"\n'
    watch = SuppressionWatch(CampaignFolder(tmp_path).campaign(tables))
    written_s = NOON_MS // 1000 - 31 * 86_400
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        begin(ledger.engine, "r1")
        os.utime(file, (written_s, written_s))
        watch.begin(ledger, "spring", at_ms=NOON_MS, are_rows_judged=are_rows_judged)
        with pytest.raises(SheetError, match="max_age"):
            watch.begin(ledger, "spring", at_ms=NOON_MS + 1, are_rows_judged=are_rows_judged)


def test_a_call_of_an_excluded_campaign_counts_from_when_it_is_claimed(tmp_path: Path) -> None:
    """Another run may call somebody while this one goes on: the next look holds them, with the reason in the row."""
    campaign = CampaignFolder(tmp_path).campaign(contacts='region = "US"\nexclude = ["campaign:winter"]')
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        shared = person(2, phone=number(1))
        take_in(ledger.engine, "w1", [shared], content="w", campaign="winter")
        run = take_in(ledger.engine, "r1", [shared, person(3, phone=number(2))])
        watch = SuppressionWatch(campaign)
        watch.begin(ledger, "spring", at_ms=NOON_MS, are_rows_judged=True)
        watch.take_changes(ledger, run, at_ms=NOON_MS)
        assert _held(ledger, run) == set()
        attempt(ledger.engine, claims("w1", planned(ledger.engine, "w1", [2]))[0], None)
        watch.take_changes(ledger, run, at_ms=NOON_MS)
        assert _held(ledger, run) == {number(1)}
        with ledger.write() as tx:
            hold_suppressed_in_run(tx, run.id)
        assert verdicts(ledger.engine, "r1") == [(2, "skipped", "excluded_number"), (3, "pending", "waiting")]


def test_whom_an_excluded_campaign_calls_meanwhile_is_held_at_every_number(tmp_path: Path) -> None:
    """As at the beginning of the run: a row with another number of theirs is not called either."""
    campaign = CampaignFolder(tmp_path).campaign(contacts='region = "US"\nexclude = ["campaign:winter"]')
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        take_in(ledger.engine, "w1", [person(2, phone=number(1))], content="w", campaign="winter")
        with ledger.write() as tx:
            (theirs,) = tx.scalars(select(contacts.c.id))
            add_contact_numbers(tx, {theirs: {number(1), number(3)}})
        at_home, other = person(2, phone=number(3)), person(3, phone=number(2))
        run = take_in(ledger.engine, "r1", [at_home, other])
        watch = SuppressionWatch(campaign)
        watch.begin(ledger, "spring", at_ms=NOON_MS, are_rows_judged=True)
        attempt(ledger.engine, claims("w1", planned(ledger.engine, "w1", [2]))[0], None)
        watch.take_changes(ledger, run, at_ms=NOON_MS)
        assert _held(ledger, run) == {number(1), number(3)}
        with ledger.write() as tx:
            hold_suppressed_in_run(tx, run.id)
        assert verdicts(ledger.engine, "r1") == [(2, "skipped", "excluded_number"), (3, "pending", "waiting")]
