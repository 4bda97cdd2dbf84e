"""Reports what the ledger knows of a campaign's requests and calls: one tuple for each attempt, and its runs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, func, literal, null, select, union_all

from dialer.calls.outcome import Kind
from dialer.ledger.choices.own_choices import is_choice_of_attempt
from dialer.ledger.database.choice_tables import attempt_choices
from dialer.ledger.database.schema import CLAIMABLE, attempts, campaigns, contacts, dispositions, runs, sheets
from dialer.ledger.runs import RunFacts, runs_of
from dialer.ledger.suppression_list import OpenCall, is_suppressed


class CallReport(NamedTuple):
    """One attempt, or a call that still waits for its turn (*claimed_at_ms* is None); instants in ms.

    Several attempts may be made at the call of one *contact_id*. *zones* and *regions* are joined by |, *outcome* is
    None while the claim is open. What the API said of the call's end is None as long as nobody has asked;
    *answered_at_ms* is when it was picked up. *from_number* is None where it was its run's.
    """

    contact_id: int
    run_id: str
    number: int
    zones: str
    regions: str
    slot_ms: int
    claimed_at_ms: int | None
    settled_at_ms: int | None
    outcome: str | None
    http_status: int | None
    status: str | None
    status_code: str | None
    is_final: bool | None
    duration_seconds: float | None
    answered_at_ms: int | None
    from_number: str | None = None


def call_reports(tx: Connection, campaign_id: int, run_id: str | None = None) -> Iterator[CallReport]:
    """Yield every attempt of the campaign, or of one run, and the calls that a run has planned and not begun."""
    for row in tx.execute(union_all(_tried(campaign_id, run_id), _planned(campaign_id, run_id))):
        yield CallReport(*row)


def _tried(campaign_id: int, run_id: str | None) -> Select[Any]:
    is_end = and_(dispositions.c.contact_id == attempts.c.contact_id, dispositions.c.number == attempts.c.number)
    whose = (contacts.c.id, attempts.c.run_id, attempts.c.number)
    of_call = (*whose, contacts.c.zones, contacts.c.regions, attempts.c.slot_ms)
    request = (attempts.c.claimed_at_ms, attempts.c.settled_at_ms, attempts.c.outcome, attempts.c.http_status)
    end = (dispositions.c.status, dispositions.c.status_code, dispositions.c.is_final)
    query = (
        select(*of_call, *request, *end, dispositions.c.duration_seconds, dispositions.c.started_at_ms)
        .add_columns(attempt_choices.c.from_number)
        .select_from(attempts)
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .outerjoin(attempt_choices, is_choice_of_attempt())
        .outerjoin(dispositions, is_end)
        .where(contacts.c.campaign_id == campaign_id)
    )
    return query if run_id is None else query.where(attempts.c.run_id == run_id)


def _planned(campaign_id: int, run_id: str | None) -> Select[Any]:
    whose = (contacts.c.id, contacts.c.planned_in, literal(0))
    of_call = (*whose, contacts.c.zones, contacts.c.regions, contacts.c.slot_ms)
    query = (
        select(*of_call, *(null() for _ in CallReport._fields[len(of_call) :]))
        .join(runs, runs.c.id == contacts.c.planned_in)
        .where(
            contacts.c.campaign_id == campaign_id,
            contacts.c.state.in_(CLAIMABLE),
            contacts.c.slot_ms.is_not(None),
            runs.c.ended_at_ms.is_(None),
        )
    )
    return query if run_id is None else query.where(contacts.c.planned_in == run_id)


def unwanted_calls(tx: Connection, campaign_id: int, *, from_ms: int) -> dict[str, OpenCall]:
    """Return the created calls of a campaign whose slot is not before *from_ms* and whose people must not be called.

    They are given by the number that rings, E.164.
    """
    query = (
        select(attempts.c.phone, campaigns.c.name, attempts.c.call_id, attempts.c.slot_ms)
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .join(campaigns, campaigns.c.id == contacts.c.campaign_id)
        .where(campaigns.c.id == campaign_id, attempts.c.slot_ms >= from_ms, attempts.c.outcome == Kind.CREATED)
        .where(is_suppressed())
    )
    return {phone: OpenCall(*call) for phone, *call in tx.execute(query)}


@dataclass(frozen=True, slots=True)
class ReportedRun:
    """A run with the name of its *sheet*, what it remembered (`RunJob.facts`), and its attempts by outcome."""

    run: RunFacts
    sheet: str
    facts: Mapping[str, Any]
    outcomes: Mapping[str, int]


def reported_runs(tx: Connection, campaign_id: int) -> list[ReportedRun]:
    """Return the campaign's runs, newest first."""
    known = {row.id: row for row in tx.execute(_facts(campaign_id))}
    outcomes: dict[str, dict[str, int]] = {}
    for run_id, outcome, count in tx.execute(_outcomes(campaign_id)):
        outcomes.setdefault(run_id, {})[outcome or Kind.UNKNOWN] = count
    return [
        ReportedRun(run, known[run.id].file, json.loads(known[run.id].facts), outcomes.get(run.id, {}))
        for run in runs_of(tx, campaign_id)
    ]


def _facts(campaign_id: int) -> Select[Any]:
    query = select(runs.c.id, runs.c.facts, sheets.c.file).join(sheets, sheets.c.id == runs.c.sheet_id)
    return query.where(runs.c.campaign_id == campaign_id)


def _outcomes(campaign_id: int) -> Select[Any]:
    return (
        select(attempts.c.run_id, attempts.c.outcome, func.count())
        .join(runs, runs.c.id == attempts.c.run_id)
        .where(runs.c.campaign_id == campaign_id)
        .group_by(attempts.c.run_id, attempts.c.outcome)
    )
