"""Stories of one campaign's ledger, and its next run begun twice on copies of it: once free to take over, once reading.

The sheet, the campaign file, the suppression file and list, the API's answers, the instants of kills, mends, purges
and the time that passes are all drawn from one seed.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy import Column, ColumnElement, Select, Table, delete, select

from dialer.campaign.file import Campaign
from dialer.contacts.loader import load_contacts
from dialer.errors import DialerError
from dialer.jobs.intake.email_findings import EmailFindings
from dialer.jobs.intake.rows import RunStart, take_in
from dialer.jobs.intake.suppression_watch import SuppressionWatch
from dialer.jobs.planning.commit import RunPlanner, RunTerms, facts_of
from dialer.jobs.planning.layout import reopen_due_contacts
from dialer.jobs.purge import PurgeOptions, purge_campaign
from dialer.jobs.retry import RetryOptions, retry_campaign
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.jobs.suppress import suppress as suppress_numbers
from dialer.jobs.suppress import unsuppress
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import attempts, contacts, may_exist, metadata
from dialer.ledger.database.tables.intakes import intakes
from dialer.ledger.earlier_calls import hold_called_elsewhere
from dialer.ledger.intake import ReadRow
from dialer.ledger.row_reports import RowReport, reports
from dialer.ledger.runs import find_run
from dialer.ledger.transitions.claims import hold_suppressed_in_run, recover
from dialer.ledger.transitions.decided import decide
from dialer.ledger.transitions.excluded import hold_called_by
from dialer.ledger.transitions.reconciled import unknown_attempts
from dialer.ledger.transitions.reopened import hold_spent
from tests.jobs.virtual import Taking, run_virtually, virtual_runtime
from tests.simulation.world import Killed, World
from tests.support import CampaignFolder, number, read_results

HEADER = ["Name", "Mobile", "Home", "Mail", "Zone", "Consent", "Since"]
SCHEDULE = """
[schedule]
calls_per_minute = 6000
window = "{window}"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
rules = "off"
holidays = false
[submit]
requests_per_second = 2000
concurrency = 1
[suppression]
files = ["stop.csv"]
[limits]
again_after = "{again_after}"
[redial]
max_calls = {max_calls}
[contacts.columns]
name = "Name"
phone = ["Mobile", "Home"]
email = "Mail"
timezone = "Zone"
consent = "Consent"
"""
EVENTS = 4
"""How much happens, at most, between the first run of a story and the last that is sent."""
SUPPRESSED = 0.4
"""The share of the sheet's numbers in a suppression file."""


class Calling(Taking):
    """An API that creates most calls, refuses some, and takes some without an answer."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random

    async def serve(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        fate = self._random.random()
        if request.method == "GET" or fate < 0.6:
            return await super().serve(request)
        if fate < 0.8:
            return httpx.Response(400, json={"message": "no"})
        raise httpx.ReadError("gone")


@dataclass
class KilledAfter(SilentListener):
    """Kills a run once it is planned, or after some outcomes."""

    outcomes: int

    def planned(self, preview: object) -> bool:
        """End the process before anything is sent, where no outcome is waited for."""
        del preview
        if self.outcomes == 0:
            raise Killed
        return True

    def settled(self, outcome: object, *, final: bool) -> None:
        """End the process after the last of the outcomes."""
        del outcome, final
        self.outcomes -= 1
        if self.outcomes == 0:
            raise Killed


class KilledReading(EmailFindings):
    """Ends the process once rows are stored, and before it is known that they are all."""

    def see_all(self, rows: Iterable[ReadRow]) -> None:
        """End it."""
        raise Killed(len(list(rows)))


class Watching(EmailFindings):
    """Notes whether rows are read at all."""

    has_read = False

    def see_all(self, rows: Iterable[ReadRow]) -> None:
        """See them."""
        self.has_read = True
        super().see_all(rows)


class Story:
    """What one seed makes of a campaign in an empty *folder*."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._world = World(seed)
        self._random = Random(f"twice read {seed}")
        self._folder = CampaignFolder(folder)
        self._ledger = folder / ".dialer/ledger.db"
        self._api = Calling(self._random)
        self._rows = [self._row(at) for at in range(self._random.randint(3, 9))]
        self._contacts, self.window, self._max_calls = 'region = "US"', "00:00-24:00", 3
        self._again_after = self._random.choice(["60d", "1d"])
        self._results: Path | None = None
        self._write([])

    def live(self) -> None:
        """Let it come to its last run."""
        self._run()
        for _ in range(self._random.randint(0, EVENTS)):
            self._happens(*[self._run] * 2, *[self._die] * 2, self._pass_time, *self._changes(), *self._people_act())
        self._happens(self._run, self._die)
        for _ in range(self._random.randint(0, 2)):
            self._happens(self._pass_time, self._change_list, *[self._decide] * 2)

    def _happens(self, *events: Callable[[], None]) -> None:
        with suppress(DialerError, Killed):
            self._random.choice(events)()

    def begun(self, *, reads: bool, name: str, keeps: bool = False) -> "Begun":
        """Begin the next run on a copy of the ledger; *reads*: whether it must, *keeps*: whether slots may hold."""
        location = self._folder.path / name
        shutil.copy(self._ledger, location)
        with Ledger.open(location) as ledger:
            if reads:
                with ledger.write() as tx:
                    tx.execute(delete(intakes))
            return begin(ledger, self._campaign(), self._world.now_ms(), keeps=keeps)

    def _changes(self) -> Sequence[Callable[[], None]]:
        return self._change_sheet, self._change_campaign, self._change_stop_file, self._change_list

    def _people_act(self) -> Sequence[Callable[[], None]]:
        return self._retry, self._mend, self._purge, self._decide

    def _row(self, at: int) -> list[str]:
        chance = self._random.random
        phone = self._random.choice(["12", ""]) if chance() < 0.15 else number(at if chance() < 0.85 else 0)
        other = number(self._random.randrange(12)) if chance() < 0.3 else ""
        mail = "no address" if chance() < 0.2 else ""
        zone = self._random.choice(["", "", "", "Pacific/Honolulu", "nowhere"])
        consent = "no" if chance() < 0.1 else "yes"
        return [f"Person {at}", phone, other, mail, zone, consent, f"2026-11-{self._random.randint(20, 26)}"]

    def _write(self, stopped: Sequence[str]) -> None:
        self._folder.sheet(HEADER, self._rows)
        self._folder.sheet(["Phone"], [[phone] for phone in stopped], "stop.csv")

    def _campaign(self) -> Campaign:
        tables = SCHEDULE.format(window=self.window, again_after=self._again_after, max_calls=self._max_calls)
        return self._folder.campaign(tables, self._contacts)

    def _options(self) -> RunOptions:
        return RunOptions(partial=True, accept_earlier_calls=True, limit=self._random.choice((None, None, 2)))

    def _run(self) -> None:
        options = self._options()
        self._results = run_virtually(self._campaign(), self._world, self._api.serve, options=options).results

    def _die(self) -> None:
        """Run, and be killed: while rows are read, before the first call, or after some."""
        outcomes = self._random.randint(-1, 4)
        if outcomes < 0:
            campaign, now_ms = self._campaign(), self._world.now_ms()
            loaded = load_contacts(campaign, now_ms=now_ms)
            with Ledger.open(self._ledger) as ledger:
                run_id = f"killed {self._random.random()}"
                start = RunStart(run_id, campaign.name, now_ms, facts_of(campaign))
                take_in(ledger, loaded, start, KilledReading(loaded.mapping))
        listener = KilledAfter(outcomes)
        run_virtually(self._campaign(), self._world, self._api.serve, options=self._options(), listener=listener)

    def _pass_time(self) -> None:
        self._world.advance(timedelta(hours=self._random.choice((1, 20, 50, 50))))

    def _change_sheet(self) -> None:
        kind = self._random.choice(["more", "fewer", "other names", "other names"])
        if kind == "more":
            self._rows.append(self._row(len(self._rows)))
        elif kind == "fewer":
            self._rows.pop(self._random.randrange(len(self._rows)))
        else:
            self._rows = [[f"{name}!", *rest] for name, *rest in self._rows]
        self._folder.sheet(HEADER, self._rows)

    def _change_campaign(self) -> None:
        self._contacts = self._random.choice(['region = "US"', 'region = "US"\nemail = "required"'])
        self.window = self._random.choice(["00:00-24:00", "10:00-12:00"])
        self._again_after, self._max_calls = self._random.choice(["60d", "1d"]), self._random.choice([1, 3])

    def _change_stop_file(self) -> None:
        phones = [row[1:2] for row in self._rows if len(row[1]) > len("12") and self._random.random() < SUPPRESSED]
        self._folder.sheet(["Phone"], phones or [[number(500)]], "stop.csv")

    def _change_list(self) -> None:
        with Ledger.open(self._ledger) as ledger:
            change = self._random.choice([unsuppress, lambda *given: suppress_numbers(*given, reason="asked")])
            change(ledger, [number(self._random.randrange(9))])

    def _retry(self, mended: Path | None = None) -> None:
        runtime = virtual_runtime(self._campaign(), self._world, self._api.serve)
        retry_campaign(self._campaign(), retry=RetryOptions(mended=mended), options=self._options(), runtime=runtime)

    def _mend(self) -> None:
        if self._results is None or not self._results.exists():  # a purge deletes results
            return
        if self._random.random() < SUPPRESSED:
            self._change_stop_file()
        rows, share = read_results(self._results), self._random.choice([0, 0.7])
        for row in rows:
            if row["dialer_status"] in {"failed", "rejected"} and self._random.random() < share:
                row["Mobile"] = number(20 + self._random.randrange(5))
        mended = self._folder.sheet(list(rows[0]), [list(row.values()) for row in rows], "mended.csv")
        self._retry(mended)

    def _purge(self) -> None:
        runtime = virtual_runtime(self._campaign(), self._world, self._api.serve)
        purge_campaign(self._campaign(), options=PurgeOptions(force=True), confirm=lambda _: True, runtime=runtime)

    def _decide(self) -> None:
        """Find out about unknown calls: some exist, some do not."""
        with Ledger.open(self._ledger) as ledger, ledger.write() as tx:
            for at, attempt in enumerate(each for found in unknown_attempts(tx, None).values() for each in found):
                call_id = self._random.choice([None, f"found-{self._world.now_ms()}-{at}"])
                decide(tx, attempt, call_id, by="ada@office", at_ms=self._world.now_ms())


@dataclass(frozen=True)
class Begun:
    """A run that has read or taken over its sheet and planned: what it tells, and every table of its ledger.

    *made* are the calls that exist or may, *planned* those that it means to make: number, slot in ms, zones.
    """

    has_read: bool
    notes: Sequence[str]
    rows: Sequence[RowReport]
    tables: Mapping[str, Sequence[str]]
    now_ms: int
    made: Sequence[tuple[str, int]]
    planned: Sequence[tuple[str, int, str]]


def begin(ledger: Ledger, campaign: Campaign, now_ms: int, *, keeps: bool = False) -> Begun:
    """Begin a run as `dialer.jobs.sending.execution` does, up to its plan."""
    loaded = load_contacts(campaign, now_ms=now_ms)
    emails = Watching(loaded.mapping)
    with ledger.write() as tx:
        recover(tx, campaign.name, now_ms=now_ms)
    SuppressionWatch(campaign).begin(ledger, campaign.name, at_ms=now_ms, are_rows_judged=True)
    reopen_due_contacts(ledger, campaign, now_ms=now_ms)
    start = RunStart("again", campaign.name, now_ms, facts_of(campaign), may_keep_plan=keeps)
    run = take_in(ledger, loaded, start, emails)
    with ledger.write() as tx:
        hold_spent(tx, run.id, campaign.redial.max_calls)
        hold_suppressed_in_run(tx, run.id)
        hold_called_elsewhere(tx, run.id)
        hold_called_by(tx, run.id, campaign.contacts.exclude_campaigns)
    RunPlanner(ledger, run, campaign, RunTerms(partial=True)).commit(now_ms)
    with ledger.read() as tx:
        facts = find_run(tx, run.id)
        tables = {table.name: sorted(map(repr, tx.execute(select(table)))) for table in metadata.sorted_tables}
        made = [(phone, slot_ms) for phone, slot_ms in tx.execute(_slots(attempts, may_exist()))]
        planned = [
            tuple(row) for row in tx.execute(_slots(contacts, contacts.c.planned_in == run.id, contacts.c.zones))
        ]
    told = tuple(emails.notes()), tuple(reports(ledger, facts))
    return Begun(emails.has_read, *told, tables, now_ms, made, planned)


def _slots(table: Table, which: ColumnElement[bool], *more: Column[Any]) -> Select[Any]:
    return select(table.c.phone, table.c.slot_ms, *more).where(which, table.c.slot_ms.is_not(None))


def differences(taken: Begun, read: Begun) -> Iterator[str]:
    """Name what a run that took its rows over tells or stores otherwise than one that read them."""
    for what in ("notes", "rows"):
        if getattr(taken, what) != getattr(read, what):
            yield f"{what}: {getattr(taken, what)} instead of {getattr(read, what)}"
    for name, rows in taken.tables.items():
        if rows != read.tables[name]:
            yield f"{name}: {set(rows) - set(read.tables[name])} instead of {set(read.tables[name]) - set(rows)}"
