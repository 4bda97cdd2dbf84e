"""The mark beside a campaign file that it has run: under which ledger, and how far.

`NAME.ran` holds one JSON object and, after it, a dot for each claim since it was written. A ledger in which fewer
claims stand than the mark counts is an older state of the one that ran: a backup that was put back.
"""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dialer.campaign.file import Campaign
from dialer.clock import iso_ms
from dialer.errors import LedgerUnusable
from dialer.ledger.campaign_places import claims_made, ledger_id, settle_place
from dialer.ledger.database.open import Ledger, shown_location
from dialer.results.atomic_write import write_atomically
from dialer.words import trouble

_DOT = b"."


@dataclass(frozen=True, slots=True)
class RunMark:
    """What a campaign's last run left beside its file.

    *campaign_id* and *ledger_id* are random and name nobody; *ledger* is its place, without a password; *ran_at* is
    ISO, UTC. *claims* counts the calls claimed so far, at least.
    """

    campaign_id: str
    ledger_id: str
    ledger: str
    ran_at: str
    claims: int


def mark_path(campaign: Campaign) -> Path:
    """Return the place of the campaign's mark: `NAME.ran` beside its file."""
    return campaign.folder / f"{campaign.name}.ran"


def read_mark(campaign: Campaign) -> RunMark | None:
    """Read the campaign's mark; None where there is none.

    Raises `LedgerUnusable` for a mark that cannot be read: it says that the campaign has run, and not under what.
    """
    path = mark_path(campaign)
    try:
        text, _, dots = path.read_bytes().partition(b"\n")
        found = json.loads(text)
        names = ("campaign_id", "ledger_id", "ledger", "ran_at")
        return RunMark(**{name: str(found[name]) for name in names}, claims=int(found["claims"]) + dots.count(_DOT))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerUnusable(f"{path}: cannot be read: {trouble(error)}. {_IS_MARK}") from error
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise LedgerUnusable(f"{path}: cannot be understood. {_IS_MARK}") from error


_IS_MARK = (
    "It tells under which ledger the campaign has run. Restore it; or take over the ledger that knows who has been"
    " called: dialer status CAMPAIGN --adopt"
)


def write_mark(campaign: Campaign, mark: RunMark) -> bool:
    """Write the mark, 0600, in place of an earlier one; return whether the folder could be written."""
    content = {name: getattr(mark, name) for name in RunMark.__slots__}
    text = json.dumps(content, ensure_ascii=False).encode() + b"\n"

    def put(file: IO[bytes]) -> None:
        file.write(text)

    try:
        write_atomically(mark_path(campaign), put)
    except OSError:
        return False
    return True


def leave_mark(ledger: Ledger, location: str | Path, campaign: Campaign, mark: RunMark | None, *, now_ms: int) -> bool:
    """Store in the ledger where the campaign lies, then mark it; return whether the mark could be written.

    The ledger comes first: a kill between the two leaves a campaign that is known by its path.
    """
    file, host = str(campaign.path.resolve()), socket.gethostname()
    known_id = None if mark is None else mark.campaign_id
    with ledger.write() as tx:
        uid = settle_place(tx, campaign.name, uid=known_id, file=file, host=host)
        own_id, claims = ledger_id(tx), claims_made(tx, campaign.name)
    return write_mark(campaign, RunMark(uid, own_id, shown_location(location), iso_ms(now_ms), claims))


@contextmanager
def counting_claims(campaign: Campaign) -> Iterator[Callable[[int], None]]:
    """Yield what adds claims to the campaign's mark: after their commit and before their request leaves.

    Nothing is synced: after a power failure the mark counts less than the ledger holds, never more. A mark that is not
    there, or a full disk, keeps nobody from being called: then only this guard is weaker.
    """
    try:
        descriptor = os.open(mark_path(campaign), os.O_WRONLY | os.O_APPEND)
    except OSError:
        yield lambda _: None
        return

    def count(claims: int) -> None:
        with suppress(OSError):
            os.write(descriptor, _DOT * claims)

    try:
        yield count
    finally:
        os.close(descriptor)
