"""Refuses to start with a ledger, a campaign or a key by which people would be called again."""

import glob
import logging
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from dialer.campaign.file import Campaign, load_campaign
from dialer.clock import Clock
from dialer.errors import CampaignError, LedgerUnusable
from dialer.jobs.locations import RESULTS_FOLDER, RUN_STAMP
from dialer.jobs.run_mark import RunMark, leave_mark, mark_path, read_mark
from dialer.ledger.campaign_places import CampaignPlace, claims_made, ledger_id, look_again, place_of, places
from dialer.ledger.database.copy_guard import is_put_back
from dialer.ledger.database.lock import Copies
from dialer.ledger.database.open import Ledger, ledger_file
from dialer.ledger.runs import last_key
from dialer.words import command

_log = logging.getLogger(__name__)

_DATE = "[0-9]" * 4 + "-" + "[0-9]" * 2 + "-" + "[0-9]" * 2


def refuse_other_key(ledger: Ledger, campaign: Campaign) -> None:
    """Refuse a campaign whose key has changed since it last ran: by another key nobody is recognised as called.

    Raises `CampaignError` naming both keys.
    """
    with ledger.read() as tx:
        before = last_key(tx, campaign.name)
    now = list(campaign.contacts.key)
    if before is not None and before != now:
        raise CampaignError(
            f"{campaign.path}: contacts.key is {now}, but this campaign has run with {before}. By another key nobody"
            " is recognised, and everybody would be called again. Set it back, or give the campaign another name and"
            " a sheet of only those who have not been called."
        )


@dataclass(frozen=True)
class Traces:
    """What tells that a campaign has run: its results in *folder*, those of its nights, and the *mark* beside its file.

    A *rehearsal* has no nights and no mark.
    """

    campaign: Campaign
    folder: Path
    mark: RunMark | None = None
    rehearsal: bool = False

    def refuse_if_any(self, what: str) -> None:
        """Raise `LedgerUnusable` saying *what* is wrong with the ledger, where there is a trace."""
        found = self._found()
        if found:
            raise LedgerUnusable(
                f"{what}, but {self.campaign.name} has run before ({found}). Without it nobody knows who has been"
                f" called. {_remedy(self.campaign)}"
            )

    def _found(self) -> str:
        if self.mark is not None and self.mark.claims:
            return f"{mark_path(self.campaign)}: on {self.mark.ran_at} under {self.mark.ledger}"
        of_run = re.compile(rf"{re.escape(self.campaign.name)}-{RUN_STAMP}(-\d+)?\.csv")
        files = self.folder.iterdir() if self.folder.is_dir() else ()
        results = [str(path) for path in files if of_run.fullmatch(path.name)] or self._results_of_nights()
        return max(results, default="")

    def _results_of_nights(self) -> list[str]:
        nightly, name = self.campaign.nightly, glob.escape(self.campaign.name)
        try:
            pattern = nightly.results.format(name=name, date=_DATE)
        except (KeyError, IndexError, ValueError, AttributeError):
            return []  # the night itself refuses such a pattern
        path = Path(os.path.normpath(Path(glob.escape(str(self.campaign.folder))) / pattern))
        found = Path(path.anchor).glob(str(path.relative_to(path.anchor)))
        is_of_nights = "{date}" in nightly.results and not self.rehearsal  # any file may have a name without a date
        return [str(each) for each in found] if is_of_nights else []


def refuse_forgotten(traces: Traces, location: str | Path) -> None:
    """Refuse a ledger that is not there although the campaign has run: it would call everybody again.

    Raises `LedgerUnusable` when there are *traces* of a run and the ledger's file is missing.
    """
    ledger = ledger_file(location)
    if ledger is not None and not os.path.lexists(ledger):
        traces.refuse_if_any(f"{ledger}: this ledger is missing")


def refuse_stranger(ledger: Ledger, traces: Traces) -> None:
    """Refuse a ledger that has never heard of a campaign which has run: it is another one's.

    Raises `LedgerUnusable` when there are *traces* of a run and *ledger* knows of none.
    """
    with ledger.read() as tx:
        known = place_of(tx, traces.campaign.name)
    if known is None:
        traces.refuse_if_any(f"{ledger.where}: this ledger does not know {traces.campaign.name}")


def recognise(ledger: Ledger, campaign: Campaign, mark: RunMark | None) -> str:
    """Hold what the ledger knows of the campaign against the *mark* beside its file.

    Returns a note where the campaign was moved, else "". Raises `LedgerUnusable` for another ledger than it has run
    with, for an older state of that, and for the ledger's campaign of the same name elsewhere.
    """
    with ledger.read() as tx:
        known, own_id = place_of(tx, campaign.name), ledger_id(tx)
        claims, is_older = claims_made(tx, campaign.name), is_put_back(tx)
    if mark is not None and mark.claims and mark.ledger_id != own_id:
        raise LedgerUnusable(
            f"{ledger.where}: this is another ledger than {campaign.name} has run with: {mark.ledger}, last on"
            f" {mark.ran_at} ({mark_path(campaign)}). This one does not know who has been called since."
            f" {_remedy(campaign)}"
        )
    note = "" if known is None else _refuse_namesake(known, campaign, mark)
    lacking = "calls that another machine may have made since are not in it" if is_older else ""
    if mark is not None and claims < mark.claims:
        lacking = f"{mark.claims - claims} of the {mark.claims} calls that {campaign.name} has claimed are not in it"
    if lacking:
        raise LedgerUnusable(
            f"{ledger.where}: this is an older state of the ledger, which was put back: {lacking}"
            f" ({mark_path(campaign)}), and a run would ring those people again. {_remedy(campaign)}"
        )
    return note


def enter(
    ledger: Ledger, location: str | Path, campaign: Campaign, mark: RunMark | None, *, now_ms: int
) -> tuple[str, ...]:
    """Make sure that the ledger and the campaign belong together, and mark them so; return what is odd about it.

    Raises as `recognise` does.
    """
    notes = [recognise(ledger, campaign, mark)]
    if not leave_mark(ledger, location, campaign, mark, now_ms=now_ms):
        notes.append(
            f"{mark_path(campaign)}: cannot be written. Without this mark, a ledger that is lost or put back from a"
            " backup may not be recognised."
        )
    for note in filter(None, notes):
        _log.warning("%s", note)
    return tuple(filter(None, notes))


def refuse_namesake(ledger: Ledger, campaign: Campaign, mark: RunMark | None) -> None:
    """Refuse a campaign of which the ledger knows another one of the same name. Raises `LedgerUnusable` with both."""
    with ledger.read() as tx:
        known = place_of(tx, campaign.name)
    if known is not None:
        _refuse_namesake(known, campaign, mark)


def _refuse_namesake(known: CampaignPlace, campaign: Campaign, mark: RunMark | None) -> str:
    """Refuse a namesake: the id in the mark decides, and where there is no mark, the path of the file."""
    here, there = campaign.path.resolve(), Path(known.file)
    is_same = mark is None or mark.campaign_id == known.uid
    if not known.uid or (is_same and here == there):
        return ""
    is_on_this_host = known.host == socket.gethostname()
    if is_same and mark is not None and not is_on_this_host:
        return ""
    if not is_same or not is_on_this_host or (there.exists() and not there.samefile(here)):
        raise LedgerUnusable(
            f"{here}: this ledger knows another campaign named {campaign.name}: {known.file} on {known.host}. They"
            " would call and count each other's people. Give one of them another name. If it is the same one and lies"
            f" here now: {command('status', campaign.path, '--adopt')}"
        )
    return f"{campaign.name} lay at {there} when it last ran, and lies at {here} now."


def open_known(
    campaign: Campaign, location: str | Path, *, rehearsal: bool = False, from_anywhere: bool = False
) -> Ledger | None:
    """Open the ledger of a campaign whose standing is asked for; None when it has never run.

    *from_anywhere*: what is asked calls nobody, so that a machine on which the campaign has never run may ask it too,
    wherever its file lies there. Raises `LedgerUnusable` as `refuse_forgotten` and `recognise` do; a *rehearsal* has no
    mark.
    """
    if rehearsal:
        return Ledger.open_existing(location)
    mark = read_mark(campaign)
    refuse_forgotten(Traces(campaign, campaign.folder / RESULTS_FOLDER, mark), location)
    opened = Ledger.open_existing(location)
    if opened is not None:
        try:
            if not (from_anywhere and mark is None and _has_run_elsewhere(opened, campaign.name)):
                recognise(opened, campaign, mark)
        except LedgerUnusable:
            opened.close()
            raise
    return opened


def _has_run_elsewhere(ledger: Ledger, campaign: str) -> bool:
    with ledger.read() as tx:
        known = place_of(tx, campaign)
    return known is not None and known.host != socket.gethostname()


def _remedy(campaign: Campaign) -> str:
    adopt = command("status", campaign.path, "--adopt")
    return (
        f"Restore it, or name the right one with --ledger. If there is no newer one: {adopt} takes this place over, and"
        " the next run holds whomever the API lists as called."
    )


def adopt_ledger(location: str | Path, campaign: Campaign | None, *, clock: Clock) -> None:
    """Let runs use the ledger at *location*, which is made where there is none.

    The marks of *campaign* and of every campaign that has run with it on this machine name it from now on. The next run
    of each first looks whether the API lists calls that it has not made. Raises as `Ledger.open` and `lock` do.
    """
    what = "taking the ledger over"
    with Ledger.open(location) as ledger, ledger.lock(what=what, since=clock.now(), copies=Copies.ADOPT):
        with ledger.write() as tx:
            look_again(tx)
        with ledger.read() as tx:
            known, own_id = places(tx), ledger_id(tx)
        taken = {place.file: found for place in known if (found := _campaign_at(place, own_id)) is not None}
        if campaign is not None:
            taken[str(campaign.path.resolve())] = campaign
        for item in taken.values():
            leave_mark(ledger, location, item, _mark_of(item), now_ms=clock.now_ms())


def _campaign_at(place: CampaignPlace, own_id: str) -> Campaign | None:
    """Load a campaign that the ledger knows, where it still lies and its mark names this ledger."""
    if place.host != socket.gethostname() or not place.uid:
        return None
    try:
        campaign = load_campaign(place.file)
    except CampaignError:
        return None
    mark = _mark_of(campaign)
    return campaign if mark is not None and (mark.campaign_id, mark.ledger_id) == (place.uid, own_id) else None


def _mark_of(campaign: Campaign) -> RunMark | None:
    try:
        return read_mark(campaign)
    except LedgerUnusable:
        return None  # it is written anew
