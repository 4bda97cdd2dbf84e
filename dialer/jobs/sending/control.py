"""Pauses, resumes and stops a campaign's run from another terminal or machine, by the ledger."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from typing_extensions import TypedDict

from dialer.campaign.file import Campaign
from dialer.clock import Clock
from dialer.errors import UsageError
from dialer.jobs.intake.decisions import whoever_runs
from dialer.jobs.runtime import Runtime
from dialer.jobs.safeguards import open_known
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.breaker import is_by_breaker, resume_command
from dialer.ledger.live.ended_calls import accept_ends
from dialer.ledger.live.live_runs import (
    LiveRun,
    LiveRunJson,
    RingingCall,
    RingingCallJson,
    has_begun,
    live_run,
    live_run_id,
    ringing_calls,
)
from dialer.ledger.live.pauses import Request, RequestJson, ask_to_stop, pause_campaign, paused_by, resume_campaign
from dialer.ledger.runs import campaign_id_of
from dialer.words import command

POLL_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 90.0
"""So long the end of what is in flight is waited for: a reply may take as long as `[submit] read_timeout`."""


class Control(StrEnum):
    """What can be asked of a campaign's run."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class ControlJson(TypedDict):
    """What `dialer pause`, `resume` and `stop` print with `--json`."""

    campaign: str
    asked: Control
    paused: RequestJson | None
    was_paused: bool
    run: LiveRunJson | None
    has_ended: bool
    calls_to_ring: list[RingingCallJson]


@dataclass(frozen=True)
class ControlSummary:
    """What came of a request: the campaign's pause as it holds now, the run that was asked, the calls still to ring.

    *paused* is None where the campaign is not paused (any more); *was_paused* tells whether it was before. *run* is the
    run as it stood last, None where none was going; *has_ended* tells that it has ended since.
    """

    campaign: str
    asked: Control
    paused: Request | None
    was_paused: bool
    run: LiveRun | None
    has_ended: bool
    calls: tuple[RingingCall, ...]

    def as_json(self) -> ControlJson:
        """Return the object that `--json` prints."""
        return {
            "campaign": self.campaign,
            "asked": self.asked,
            "paused": None if self.paused is None else self.paused.as_json(),
            "was_paused": self.was_paused,
            "run": None if self.run is None else self.run.as_json(),
            "has_ended": self.has_ended,
            "calls_to_ring": [call.as_json() for call in self.calls],
        }


def control_run(
    campaign: Campaign,
    asked: Control,
    *,
    ledger: str | Path,
    runtime: Runtime | None = None,
    by: str | None = None,
    accept: bool = False,
) -> ControlSummary:
    """Ask the run of *campaign* to pause, to resume or to stop, and wait for what is in flight.

    A pause is the campaign's: until `resume`, its run claims nothing and no other begins. A stop is for the run that is
    going. *by* is who asks; without it, the account of this process. A campaign that `[stop_when]` has paused, or whose
    pilot waits, goes on where they *accept* how its calls have ended. Raises `UsageError` for a campaign that has never
    run or waits for that, `LedgerUnusable` and `LedgerWriteFailed` where the ledger cannot be opened or written.
    """
    runtime = runtime or Runtime()
    opened = open_known(campaign, ledger, rehearsal=runtime.rehearsal, from_anywhere=True)
    with_campaign = None if opened is None else _knows(opened, campaign.name)
    if opened is None or not with_campaign:
        step = command("run", campaign.path, sandbox=runtime.rehearsal)
        raise UsageError(f"{campaign.name} has never run, so there is nothing to {asked}. Next: {step}")
    with opened:
        request = Request(by or whoever_runs(), runtime.clock.now_ms())
        if asked is Control.RESUME:
            _accept(opened, campaign, request, is_accepted=accept, rehearsal=runtime.rehearsal)
        return runtime.runner(_control(opened, campaign.name, asked, runtime, request.by))


def _accept(ledger: Ledger, campaign: Campaign, request: Request, *, is_accepted: bool, rehearsal: bool) -> None:
    """Note that somebody accepts the ends of the campaign's calls. Raises `UsageError` where nobody does and has to."""
    with ledger.read() as tx:
        paused = paused_by(tx, campaign.name)
    if paused is not None and is_by_breaker(paused) and not is_accepted:
        step = resume_command(campaign.path, paused, is_rehearsal=rehearsal)
        raise UsageError(f"{campaign.name} is paused {paused}. Look at those calls; to go on all the same: {step}")
    if is_accepted:
        with ledger.write() as tx:
            accept_ends(tx, campaign_id_of(tx, campaign.name) or 0, request)


def _knows(ledger: Ledger, campaign: str) -> bool:
    with ledger.read() as tx:
        is_known = campaign_id_of(tx, campaign) is not None
    return is_known or live_run_id(ledger, campaign) is not None


async def _control(ledger: Ledger, campaign: str, asked: Control, runtime: Runtime, by: str) -> ControlSummary:
    clock = runtime.clock
    run_id = live_run_id(ledger, campaign)
    with ledger.read() as tx:
        before, is_new = paused_by(tx, campaign), campaign_id_of(tx, campaign) is None
        begins = run_id is not None and not has_begun(tx, run_id)
    if begins and (is_new or asked is Control.STOP):
        run_id = await _begun(ledger, campaign, clock)
    request = Request(by, clock.now_ms())
    with ledger.write() as tx:
        if asked is Control.PAUSE:
            pause_campaign(tx, campaign, request)
        elif asked is Control.RESUME:
            resume_campaign(tx, campaign)
        elif run_id is not None:
            ask_to_stop(tx, campaign, run_id, request)
    run = live_run(ledger, campaign, now_ms=clock.now_ms())
    waits_until = clock.monotonic() + LONGEST_WAIT_SECONDS
    while run is not None and _is_under_way(run, asked) and clock.monotonic() < waits_until:
        await clock.sleep(POLL_SECONDS)
        going = live_run(ledger, campaign, now_ms=clock.now_ms())
        if going is None or going.run_id != run.run_id:
            break
        run = going
    with ledger.read() as tx:
        now = paused_by(tx, campaign)
        calls = ringing_calls(tx, campaign_id_of(tx, campaign) or 0, now_ms=clock.now_ms())
    has_ended = run_id is not None and live_run_id(ledger, campaign) != run_id
    listed = () if asked is Control.RESUME else tuple(calls)
    return ControlSummary(campaign, asked, now, before is not None, run, has_ended, listed)


async def _begun(ledger: Ledger, campaign: str, clock: Clock) -> str | None:
    """Return the run that is going, once it has begun: while it reads its sheet, it can be asked nothing."""
    waits_until = clock.monotonic() + LONGEST_WAIT_SECONDS
    while (run_id := live_run_id(ledger, campaign)) is not None:
        with ledger.read() as tx:
            if has_begun(tx, run_id):
                return run_id
        if clock.monotonic() >= waits_until:
            raise UsageError(f"The run of {campaign} has not begun yet, so it cannot be asked. Ask again in a while.")
        await clock.sleep(POLL_SECONDS)
    return None


def _is_under_way(run: LiveRun, asked: Control) -> bool:
    """Return whether what was asked takes its time: a stop until the run has ended, a pause until nothing is sent."""
    return asked is Control.STOP or (asked is Control.PAUSE and run.in_flight > 0)
