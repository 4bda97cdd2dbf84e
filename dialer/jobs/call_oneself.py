"""One call to oneself with a row's variables: it rings now, and is kept apart, so that nobody counts as called."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from dialer.api.payload import contact_fields
from dialer.campaign.budget import Budget
from dialer.campaign.file import Campaign
from dialer.campaign.recurring import Redial
from dialer.campaign.schedule_table import Schedule
from dialer.campaign.tables import Limits, Suppression
from dialer.campaign.values import WEEKDAYS, parse_hours
from dialer.clock import SYSTEM_CLOCK, Clock
from dialer.contacts.contact import Contact, ExcludedRow
from dialer.contacts.loader import load_contacts
from dialer.contacts.phones.phone_cell import Phone, read_phone
from dialer.errors import UsageError
from dialer.jobs.intake.parallel_check import preview
from dialer.jobs.intake.rows import RunStart
from dialer.jobs.locations import ledger_location
from dialer.jobs.readiness.lost_test_calls import (
    doubtful_test_calls,
    ledger_of_test_calls,
    told_lost,
    unknown_by_contact,
)
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.execution import execute
from dialer.jobs.sending.options import Listener, RunOptions, new_job
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.ledger.intake import CallableRow, ReadRow, record_rows
from dialer.ledger.runs import Run, SheetFacts, begin_run, finish_intake
from dialer.reasons import Status
from dialer.results.next_step import NextStep
from dialer.schedule.places.whereabouts import Whereabouts, placed
from dialer.words import command

AT_ONCE = Schedule(
    calls_per_minute=60.0,
    window=parse_hours("00:00-24:00"),
    days=WEEKDAYS,
    rules="off",
    holidays=False,
    end_margin=timedelta(seconds=1),
)
"""The schedule of a call to oneself: whoever asks for it may be rung now."""


def read_test_number(campaign: Campaign, text: str) -> str:
    """Return the number of a test call, E.164. Raises `UsageError` for a *text* that is none."""
    phone = read_phone(text, region=campaign.contacts.region, allowed=(), column="the test number")
    if not isinstance(phone, Phone):
        why = phone.message.replace('The number in column "the test number"', "It").replace(
            'Column "the test number"', "It"
        )
        raise UsageError(f"The test number cannot be called. {why}")
    return phone.e164


def call_oneself(
    campaign: Campaign,
    *,
    row: int,
    number: str,
    options: RunOptions | None = None,
    listener: Listener | None = None,
    runtime: Runtime | None = None,
) -> RunSummary:
    """Call *number* with the name and the variables of the sheet's *row*, without its e-mail address.

    The call is claimed before it is sent, as any other, in a ledger of its own beside the campaign's. One that may
    exist is unknown there, and the next test call looks for it first, in place of ringing again. Hours, caps, lists and
    the budget of the campaign are for the people on its sheet and do not hold. Blocks, and raises, as `run_campaign`
    does; `UsageError` too for a row that is not there or is not called.
    """
    options = options or RunOptions()
    alone = _alone(campaign)
    runtime = (runtime or Runtime()).of(campaign)
    again = command("test-call", campaign.path, "--row", row, sandbox=runtime.rehearsal)
    if not runtime.rehearsal:
        runtime = replace(runtime, limits_at=ledger_location(campaign, runtime.settings, options.ledger))
    runtime = replace(runtime, rehearsal=True)  # it leaves no trace of a run of the campaign
    contact = _contact(alone, row, now_ms=runtime.clock.now_ms())._replace(phone=number, email=None)
    ledger = ledger_of_test_calls(campaign.folder, options.ledger)
    apart = replace(options, ledger=ledger, results_folder=ledger.parent)
    job = new_job(alone, apart, listener, runtime)
    settled_ms = job.started_at_ms - round(campaign.submit.settle_time.total_seconds() * 1000)
    intake = _OneRow(contact, campaign.name, doubtful_test_calls(ledger, campaign.name), settled_ms, again)
    summary = execute(replace(job, results_path=None), intake)
    left = doubtful_test_calls(ledger, campaign.name)
    lost = {contact_id: until_ms for contact_id, until_ms in left.items() if contact_id in intake.in_doubt}
    return replace(summary, own_step=_next_step(summary, again, lost.values()))


def refuse_uncalled(campaign: Campaign, row: int, *, clock: Clock = SYSTEM_CLOCK) -> None:
    """Raise `UsageError` for a *row* that `call_oneself` would not speak: to be asked before the number is."""
    _contact(_alone(campaign), row, now_ms=clock.now_ms())


def _alone(campaign: Campaign) -> Campaign:
    update = {
        "schedule": AT_ONCE,
        "limits": Limits(per_number=()),
        "suppression": Suppression(),
        "redial": Redial(),
        "budget": Budget(),
    }
    return campaign.model_copy(update=update)


def _contact(campaign: Campaign, row: int, *, now_ms: int) -> Contact:
    verdict = preview(loaded := load_contacts(campaign, now_ms=now_ms), row)
    if verdict is None:
        raise UsageError(f"{loaded.sheet.label}: there is no row {row} with text below the header.")
    if isinstance(verdict, ExcludedRow):
        raise UsageError(f"Row {row} is not called: {verdict.reason}: {verdict.message}")
    return verdict


def _next_step(summary: RunSummary, again: str, lost: Collection[int]) -> NextStep | None:
    """Return what to do after a test call: where it was not created, the same command *again*; *lost* ones are told."""
    if summary.idle:
        return NextStep("The earlier test call was found at the API, so no other was made. To call once more.", again)
    if summary.counts[Status.UNKNOWN]:
        text = (
            "The reply was lost, so your phone may ring or not. A later test call looks for this one before it rings."
        )
        return NextStep(text, again)
    if lost:
        return NextStep(f"{told_lost(lost)} To call once more.", again)
    return None if summary.counts[Status.CREATED] else NextStep("Mend what kept the call from being made.", again)


@dataclass(frozen=True)
class _OneRow:
    """One contact, new in each run: calling oneself twice is no mistake.

    *in_doubt* are earlier test calls that may exist, and *settled_ms* is the instant since when one is too young to be
    looked for; *again* is the command.
    """

    contact: Contact
    campaign: str
    in_doubt: Mapping[int, int]
    settled_ms: int
    again: str
    are_rows_judged = True
    sha256 = ""

    def is_empty(self, ledger: Ledger) -> bool:
        """Return whether an earlier one has just been found. Raises `UsageError` where one may still appear."""
        left = unknown_by_contact(ledger, self.campaign)
        if any(until_ms > self.settled_ms for until_ms in left.values()):
            raise UsageError(
                "The reply to an earlier test call was lost, your phone may ring yet, and it is too early to look for"
                f" that call. Nothing was sent. Try again in a few minutes (settle_time): {self.again}"
            )
        return bool(self.in_doubt.keys() - left.keys())

    def take_in(self, ledger: Ledger, start: RunStart) -> Run:
        contact = self.contact._replace(key=start.run_id)
        where = placed(contact)
        zones = where if isinstance(where, Whereabouts) else Whereabouts(("Etc/UTC",), ())
        payload = json.dumps(contact_fields(contact), ensure_ascii=False, separators=(",", ":"))
        with ledger.write() as tx:
            run = begin_run(
                tx,
                run_id=start.run_id,
                campaign=start.campaign,
                sheet=SheetFacts("", start.run_id, ()),
                started_at_ms=start.started_at_ms,
                facts=start.facts,
            )
            record_rows(tx, run, [ReadRow(contact.row, (), CallableRow(contact, zones, payload))])
            finish_intake(tx, run, row_count=1)
        return run
