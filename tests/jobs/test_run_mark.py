"""The mark beside a campaign file: what it says, how it counts, and what is no mark."""

import json
import stat
from pathlib import Path

import pytest

from dialer.errors import LedgerUnusable
from dialer.jobs.run_mark import counting_claims, leave_mark, mark_path, read_mark
from dialer.ledger.database.open import Ledger
from tests.support import CampaignFolder


def left(folder: CampaignFolder, location: str | Path) -> None:
    """Leave the mark of a run that begins."""
    with Ledger.open(location) as ledger:
        assert leave_mark(ledger, location, folder.campaign(), read_mark(folder.campaign()), now_ms=1_795_453_200_000)


def test_mark_says_under_which_ledger_and_when(folder: CampaignFolder, location: str) -> None:
    """It is the owner's alone, holds no number and no password, and keeps its id over the runs."""
    assert read_mark(folder.campaign()) is None
    left(folder, location)
    first = read_mark(folder.campaign())
    left(folder, location)
    assert first is not None
    assert first == read_mark(folder.campaign())
    assert (first.ran_at, first.claims) == ("2026-11-23T17:00:00.000Z", 0)
    assert len(first.campaign_id) == len(first.ledger_id) == 32
    assert stat.S_IMODE(mark_path(folder.campaign()).stat().st_mode) == 0o600


def test_each_claim_is_counted_at_once(folder: CampaignFolder) -> None:
    """A kill loses no count: what was counted stands in the file while the run goes on."""
    left(folder, folder.path / "ledger.db")
    with counting_claims(folder.campaign()) as count:
        for claims, expected in ((1, 1), (1, 2), (50, 52), (0, 52)):
            count(claims)
            mark = read_mark(folder.campaign())
            assert mark is not None
            assert mark.claims == expected


def test_no_mark_to_count_in_stops_nobody(folder: CampaignFolder) -> None:
    """Where the mark could not be written, claims go on uncounted, and no file is made."""
    with counting_claims(folder.campaign()) as count:
        count(1)
    assert not mark_path(folder.campaign()).exists()


ENDLESS = '{"campaign_id": "a", "ledger_id": "b", "ledger": "c", "ran_at": "d", "claims": Infinity}'


@pytest.mark.parametrize("content", ["", "{", "[]", '{"campaign_id": 1}', ENDLESS, "\x00", "9" * 5000, "[" * 100_000])
def test_what_cannot_be_understood_is_refused(folder: CampaignFolder, content: str) -> None:
    """A mark says that the campaign has run; one that was damaged is no reason to call everybody again."""
    mark_path(folder.campaign()).write_text(content, "utf-8")
    with pytest.raises(LedgerUnusable, match=r"campaign\.ran: cannot be understood.*--adopt"):
        read_mark(folder.campaign())


def test_what_cannot_be_read_is_refused(folder: CampaignFolder) -> None:
    """A folder in its place is told as one."""
    mark_path(folder.campaign()).mkdir()
    with pytest.raises(LedgerUnusable, match="cannot be read: it is a folder"):
        read_mark(folder.campaign())


def test_only_dots_count(folder: CampaignFolder) -> None:
    """The file is one object and dots: whatever else an editor adds after it counts for nothing."""
    left(folder, folder.path / "ledger.db")
    path = mark_path(folder.campaign())
    with path.open("ab") as file:
        file.write(b"..\r\n")
    mark = read_mark(folder.campaign())
    assert mark is not None
    assert mark.claims == 2
    assert json.loads(path.read_bytes().partition(b"\n")[0])["claims"] == 0
