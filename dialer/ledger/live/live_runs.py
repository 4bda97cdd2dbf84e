"""The run of a campaign that is going on, as the ledger and its lock tell it."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from typing_extensions import TypedDict

from dialer.calls.outcome import Kind
from dialer.calls.pause import Pause, PauseJson
from dialer.clock import iso_ms
from dialer.ledger.database.lock import holding_run
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import CLAIMABLE, State, attempts, contacts, runs
from dialer.ledger.known_contacts import row_in_run
from dialer.ledger.live.pauses import pauses_of


class LiveRunJson(TypedDict):
    """A run that is going on."""

    run_id: str
    started_at: str
    host: str
    process: int | None
    created: int
    failed: int
    unknown: int
    in_flight: int
    waiting: int
    done: int
    total: int
    pause: PauseJson | None


class RingingCallJson(TypedDict):
    """A call that is still to ring."""

    call_id: str
    rings_at: str
    row: int | None


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run that is going on: since an instant (ms), in which process of which host, and how far it is.

    *created*, *failed* and *unknown* calls are settled, *in_flight* ones claimed, *waiting* ones have a slot; *pause*
    is the one that goes on, None while nothing holds the run back.
    """

    run_id: str
    started_at_ms: int
    host: str
    process: int | None
    created: int
    failed: int
    unknown: int
    in_flight: int
    waiting: int
    pause: Pause | None

    @property
    def done(self) -> int:
        """How many calls are settled."""
        return self.created + self.failed + self.unknown

    @property
    def total(self) -> int:
        """How many calls the run is about, those that are settled among them."""
        return self.done + self.in_flight + self.waiting

    def as_json(self) -> LiveRunJson:
        """Return the object that `--json` prints."""
        return {
            "run_id": self.run_id,
            "started_at": iso_ms(self.started_at_ms),
            "host": self.host,
            "process": self.process,
            "created": self.created,
            "failed": self.failed,
            "unknown": self.unknown,
            "in_flight": self.in_flight,
            "waiting": self.waiting,
            "done": self.done,
            "total": self.total,
            "pause": None if self.pause is None else self.pause.as_json(),
        }


def live_run_id(ledger: Ledger, campaign: str) -> str | None:
    """Return the id of the run that holds the lock of *campaign* now; None where none does."""
    return holding_run(ledger.engine, campaign)


def has_begun(tx: Connection, run_id: str) -> bool:
    """Return whether the run stands in the ledger: not while it reads its sheet."""
    return tx.scalar(select(runs.c.id).where(runs.c.id == run_id)) is not None


def live_run(ledger: Ledger, campaign: str, *, now_ms: int) -> LiveRun | None:
    """Return the run of *campaign* that holds its lock now; None where none does, or it has not begun to plan yet."""
    run_id = live_run_id(ledger, campaign)
    if run_id is None:
        return None
    with ledger.read() as tx:
        return _read(tx, run_id, now_ms=now_ms)


def _read(tx: Connection, run_id: str, *, now_ms: int) -> LiveRun | None:
    run = tx.execute(select(runs.c.started_at_ms, runs.c.facts).where(runs.c.id == run_id)).one_or_none()
    if run is None:
        return None
    facts = json.loads(run.facts)
    of_run = select(attempts.c.left_state, func.count()).where(attempts.c.run_id == run_id)
    left = {row[0]: int(row[1]) for row in tx.execute(of_run.group_by(attempts.c.left_state))}
    is_waiting = (contacts.c.planned_in == run_id, contacts.c.slot_ms.is_not(None), contacts.c.state.in_(CLAIMABLE))
    going = [item for item in pauses_of(tx, run_id) if item.until_ms is None or item.until_ms > now_ms]
    return LiveRun(
        run_id=run_id,
        started_at_ms=run.started_at_ms,
        host=str(facts.get("host", "")),
        process=facts.get("process"),
        created=left.get(State.CREATED, 0),
        failed=left.get(State.FAILED, 0),
        unknown=left.get(State.UNKNOWN, 0),
        in_flight=left.get(None, 0),
        waiting=tx.scalar(select(func.count()).select_from(contacts).where(*is_waiting)) or 0,
        pause=going[-1] if going else None,
    )


@dataclass(frozen=True, slots=True)
class RingingCall:
    """A call that exists and has its slot (ms) before it; *row* is the last run's that told of it, None after none."""

    call_id: str
    slot_ms: int
    row: int | None

    def as_json(self) -> RingingCallJson:
        """Return the object that `--json` prints."""
        return {"call_id": self.call_id, "rings_at": iso_ms(self.slot_ms), "row": self.row}


def ringing_calls(tx: Connection, campaign_id: int, *, now_ms: int) -> list[RingingCall]:
    """Return the campaign's calls that are still to ring, the next first: nothing here can take them back."""
    row = row_in_run(attempts.c.contact_id, attempts.c.run_id).correlate(attempts)
    query = (
        select(attempts.c.call_id, attempts.c.slot_ms, row.scalar_subquery())
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .where(contacts.c.campaign_id == campaign_id, attempts.c.outcome == Kind.CREATED, attempts.c.slot_ms > now_ms)
        .order_by(attempts.c.slot_ms, attempts.c.call_id)
    )
    return [RingingCall(call_id, slot_ms, of_row) for call_id, slot_ms, of_row in tx.execute(query)]
