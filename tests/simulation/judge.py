"""What must hold after every run, however bad the weather: judged by the API's own list of calls."""

import logging
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from dialer.campaign.file import Campaign
from dialer.clock import from_ms, iso_ms
from dialer.exit_codes import EXIT_STOPPED
from dialer.jobs.sending.summary import RunSummary
from dialer.reasons import Reason, Status
from dialer.schedule.places.zones import zones_of
from dialer.submit.workers import MOST_WORKERS
from tests.simulation.api.call_book import CallBook, Created
from tests.simulation.api.replies import KEY
from tests.simulation.people import People
from tests.support import read_results

FEDERAL = (8, 21)
"""Nobody in the United States is called at another local hour (47 CFR 64.1200 (c)(1))."""

MAY_EXIST = {"unknown", "claimed"}
SURELY_NOT = {"pending", "failed"}


class Violation(AssertionError):
    """A promise was broken."""


def require(held: object, promise: str) -> None:
    """Raise `Violation` unless *held*."""
    if not held:
        raise Violation(promise)


@dataclass
class Judge:
    """Compares the API's list with the ledger, the results and the rules of the campaign."""

    calls: CallBook
    people: People
    campaign: Campaign
    said: list[str] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)

    @property
    def _ledger(self) -> Path:
        return self.campaign.folder / ".dialer/ledger.db"

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear everything that is logged meanwhile."""
        ear = _Ear(self.said)
        loggers = [logging.getLogger(), logging.getLogger("dialer")]
        levels = [logger.level for logger in loggers]
        loggers[0].addHandler(ear)
        loggers[1].setLevel(logging.DEBUG)
        try:
            yield
        finally:
            loggers[0].removeHandler(ear)
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)

    def judge(self) -> None:
        """Hold the API's list against the ledger and the rules."""
        self._judge_calls()
        self._judge_ledger()
        self._judge_words()

    def _judge_calls(self) -> None:
        calls = Counter(call.phone for call in self.calls.created)
        twice = [phone for phone, count in calls.items() if count > 1]
        require(not twice, f"(a) nobody is called twice: {twice}")
        for call in self.calls.created:
            is_permitted = call.call_id in self.calls.shifted or self._is_permitted(call)
            require(
                is_permitted,
                f"(c) {call.call_id} lies within every window: {iso_ms(call.slot_ms)}",
            )
            require(call.slot_ms >= call.arrived_ms, f"(c) {call.call_id} does not lie in the past")
            since = self.people.suppressed_since.get(call.phone)
            require(since is None or call.in_run < since, f"(e) {call.call_id} is for nobody suppressed")
            from_ms = self.people.spared_from_ms.get(call.phone, call.arrived_ms)
            require(call.arrived_ms <= from_ms, f"(e) {call.call_id} is for nobody whose other number is listed")
        self._judge_shifted()

    def _judge_shifted(self) -> None:
        """Hold that a run whose calls are created at another time ends: no worker sends after its first of them."""
        most = (self.campaign.submit.concurrency or MOST_WORKERS) * self.campaign.submit.batch_size
        for run, count in Counter(self.calls.shifted.values()).items():
            require(count <= most, f"(c) run {run} ends when its calls are shifted: {count}")

    def _is_permitted(self, call: Created) -> bool:
        week = self.campaign.schedule.week
        for zone in zones_of(call.phone, None):
            local = from_ms(call.slot_ms).astimezone(ZoneInfo(zone))
            minute = local.hour * 60 + local.minute
            if not any(opens <= minute < closes for opens, closes in week.get(local.weekday(), ())):
                return False
            if self.campaign.schedule.rules != "off" and not FEDERAL[0] <= local.hour < FEDERAL[1]:
                return False
        return True

    def contacts(self) -> dict[str, tuple[str, str | None]]:
        """Read from the ledger's file: state and call id by number."""
        if not self._ledger.exists():
            return {}
        with closing(sqlite3.connect(self._ledger)) as ledger:
            if not ledger.execute("SELECT 1 FROM sqlite_master WHERE name = 'contacts'").fetchone():
                return {}
            return {row[0]: (row[1], row[2]) for row in ledger.execute("SELECT phone, state, call_id FROM contacts")}

    def _judge_ledger(self) -> None:
        contacts = self.contacts()
        ids = {call.phone: call.call_id for call in self.calls.created}
        for phone, call_id in ids.items():
            state, known_id = contacts.get(phone, ("absent", None))
            if call_id in self.forgotten:
                continue  # by a ledger that somebody has taken over as it was
            if call_id in self.calls.refused and state in SURELY_NOT:
                continue  # until the next listing
            known = (
                (state == "created" and known_id == call_id) or state in MAY_EXIST or self._is_unheard(known_id, phone)
            )
            require(known, f"(d) {call_id} is known to the ledger: {state} {known_id}")
        for phone, (state, known_id) in contacts.items():
            exists = state != "created" or ids.get(phone) == known_id or self._is_unheard(known_id, phone)
            require(exists, f"(d) {known_id} exists")
            lost = ids.get(phone) not in self.forgotten and state in SURELY_NOT and phone in self.calls.awaited
            require(not lost, f"(d) a call that will still be created is not taken for surely not created: {state}")

    def _is_unheard(self, call_id: str | None, phone: str) -> bool:
        """Return whether an earlier run died on the reply with this id: until a listing tells, nobody can know whose it
        is, and the reply to *phone* with it is believed.
        """
        owner = next((call for call in self.calls.created if call.call_id == call_id), None)
        holder = next((call for call in self.calls.created if call.phone == phone), None)
        if owner is None or holder is None or owner.in_run >= holder.in_run:
            return False
        return self.contacts().get(owner.phone, ("absent", None))[0] in MAY_EXIST

    def _judge_words(self) -> None:
        phones = [phone[2:] for phone in {call.phone for call in self.calls.created} | self.people.callable]
        for text in self.said:
            require(KEY not in text, "(f) no key is told")
            found = next((phone for phone in phones if phone in text), None)
            require(found is None, f"(f) no phone number is told: {text!r}")
        self.said.clear()

    def judge_summary(self, summary: RunSummary, *, of_sheet: bool = True, run: int | None = None) -> None:
        """Hold what a run told, and its results, against the API's list and, where it read one, the sheet.

        *run* is its number where another took its campaign over: it knows only what became of its own calls.
        """
        self.said.append(repr(summary.as_json()))
        if self.people.is_list_broken:
            require(summary.exit_code == EXIT_STOPPED, f"(e) a list with a bad line ends the run: {summary.exit_code}")
        if summary.stop is not None:
            self.said.append(summary.stop.message)
        require(summary.results, "(b) a run has results")
        self.judge_rows(summary.results or Path(), of_sheet=of_sheet)
        rows = self.judge_results(summary.results or Path(), run=run)
        told = Counter(row["dialer_status"] for row in rows)
        counts = {str(status): count for status, count in summary.counts.items() if count}
        require(counts == dict(told), f"(b) the counts are those of the results: {counts}, {told}")

    def judge_rows(self, path: Path, *, of_sheet: bool = True) -> None:
        """Hold a run's results file against the sheet only: a killed run leaves what it wrote last.

        A run that read no sheet tells the rows of the one read before, which may have been another.
        """
        rows = read_results(path)
        numbers = [int(row["dialer_row"]) for row in rows]
        last = len(self.people.rows) + 1 if of_sheet else max(numbers, default=1)
        require(numbers == list(range(2, last + 1)), f"(b) every row is told once: {numbers}")
        require(all(row["dialer_status"] in set(Status) for row in rows), "(b) every row has one status")

    def judge_results(self, path: Path, *, run: int | None = None) -> list[dict[str, str]]:
        """Hold results that are up to date, of all runs or of one, against the API's list, and return their rows."""
        rows = read_results(path)
        ids = {call.phone: call.call_id for call in self.calls.created}
        made = {call.phone for call in self.calls.created if run in {None, call.in_run}}
        for row in rows:
            status, phone = row["dialer_status"], row["dialer_phone"]
            if status == Status.CREATED or row["dialer_reason"] == Reason.ALREADY_CREATED:
                its_own = ids.get(phone) == row["dialer_call_id"] or self._is_unheard(row["dialer_call_id"], phone)
                require(its_own, f"(b) row {row['dialer_row']} tells its own call")
            if status in {Status.FAILED, Status.PENDING}:
                never = phone not in made or ids[phone] in self.calls.refused | self.forgotten
                require(
                    never and phone not in self.calls.awaited,
                    f"(b) row {row['dialer_row']} is {status}, so there is no call",
                )
        return rows

    def doubtful(self) -> list[str]:
        """Return the states that leave a doubt, but for calls at another time than asked: a person looks at those."""
        shifted = {call.phone for call in self.calls.created if call.call_id in self.calls.shifted}
        contacts = self.contacts().items()
        return sorted(state for phone, (state, _) in contacts if state in MAY_EXIST and phone not in shifted)

    def judge_end(self) -> None:
        """Hold that after everything everybody eligible has one call and nothing is unknown."""
        open_ = self.doubtful()
        require(not open_, f"(g) nothing is left unknown: {open_}")
        called = {call.phone for call in self.calls.created}
        missing = sorted(self.people.callable - called)
        require(not missing, f"(g) everybody eligible has a call: not {missing}")


class _Ear(logging.Handler):
    """Keeps every record as it would be printed, and what it carries besides."""

    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(self.format(record))
        self._said.append(repr({name: value for name, value in vars(record).items() if name not in {"msg", "args"}}))
