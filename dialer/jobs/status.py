"""Where a campaign stands, and the one command to run next."""

import socket
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from typing_extensions import TypedDict

from dialer.campaign.budget import Budget, SpentJson
from dialer.campaign.file import Campaign
from dialer.clock import SYSTEM_CLOCK, Clock, from_ms, iso_ms
from dialer.errors import DialerError
from dialer.exit_codes import GOOD_EXITS
from dialer.jobs.planning.redial_times import policy_of
from dialer.jobs.readiness.lost_test_calls import doubtful_test_calls, ledger_of_test_calls
from dialer.ledger.campaign_places import place_of
from dialer.ledger.campaign_standing import NOTHING, Standing, standing_of
from dialer.ledger.database.engine import Transaction
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import State
from dialer.ledger.live.breaker import resume_command
from dialer.ledger.live.live_runs import LiveRun, LiveRunJson, live_run, live_run_id
from dialer.ledger.live.nights import night_runs
from dialer.ledger.live.pauses import Request, RequestJson, paused_by
from dialer.ledger.runs import RunFacts, campaign_id_of, campaign_names, runs_of
from dialer.ledger.transitions.decided import decisions_of
from dialer.ledger.transitions.reopened import NO_REDIALS, Policy, Redials, redials_of
from dialer.reasons import Status
from dialer.results.next_step import Situation, next_step
from dialer.words import command

LAST_RUNS = 5


class PastRunJson(TypedDict):
    """One of the last runs; without an end it is going on, or was killed."""

    run_id: str
    started_at: str
    ended_at: str | None
    exit_code: int | None
    stop: str | None


class StandingJson(TypedDict):
    """Where a campaign stands."""

    campaign: str
    counts: dict[Status, int]
    reasons: dict[str, int]
    live_run: LiveRunJson | None
    paused: RequestJson | None
    redials_due: int
    redials_waiting: int
    redial: str
    called_again: int
    purged: int
    calls_to_ring: int
    calls_not_asked_about: int
    ends: dict[str, int]
    decisions: list[str]
    lost_test_calls: list[str]
    unknown_since: str | None
    next_slot: str | None
    last_slot: str | None
    last_good_night: str | None
    budget: SpentJson | None
    runs: list[PastRunJson]
    next: str


class StatusJson(TypedDict):
    """What `dialer status --json` prints."""

    campaigns: list[StandingJson]


@dataclass(frozen=True)
class CampaignStanding:
    """A campaign as it stands at *at_ms*, its last runs, and the end of its last good night (None: it had none).

    *decisions* tell what persons found out about unknown calls. *file* is the campaign's, by which the next command
    names it, None where nobody knows it. *live* is the run that is going on, *is_beginning* says that one reads its
    sheet yet. *paused* is the request that holds the campaign back, *redials* whom a run calls again, as far as
    `[redial]` is known. *lost_test_calls* are the instants (ms) by which test calls were made that may exist.
    """

    campaign: str
    at_ms: int
    standing: Standing
    runs: tuple[RunFacts, ...]
    good_night_ms: int | None = None
    has_nights: bool = False
    budget: Budget | None = None
    decisions: tuple[str, ...] = ()
    file: Path | None = None
    is_rehearsal: bool = False
    live: LiveRun | None = None
    paused: Request | None = None
    redials: Redials = NO_REDIALS
    lost_test_calls: tuple[int, ...] = ()
    is_beginning: bool = False

    @property
    def counts(self) -> dict[Status, int]:
        """Contacts by status, and the rejected rows of the last run; without what a live run has in flight."""
        now = self.standing
        in_doubt = now.counts[State.CLAIMED] if self.live is None else 0
        return {
            Status.CREATED: now.counts[State.CREATED],
            Status.FAILED: now.counts[State.FAILED],
            Status.UNKNOWN: now.counts[State.UNKNOWN] + in_doubt,
            Status.REJECTED: now.rejected,
            Status.PENDING: now.counts[State.PENDING],
        }

    @property
    def spent(self) -> SpentJson | None:
        """What the campaign has spent of its budget and what is left; None where it has none, or is not known."""
        named = self.budget is not None and (self.budget.is_limited or self.budget.cost_per_minute is not None)
        return self.budget.told(self.standing.spending) if self.budget is not None and named else None

    @property
    def advice(self) -> str:
        """The one thing to do next, as a sentence with its command."""
        now, named = self.standing, str(self.file or self.campaign)
        if (self.live is not None or self.is_beginning) and self.paused is None:
            doing = "beginning" if self.is_beginning else "going on"
            return f"A run is {doing}. Next: {command('status', named, '--watch', sandbox=self.is_rehearsal)}"
        if not self.runs:
            first, then = (command(job, named, sandbox=job == "run" and self.is_rehearsal) for job in ("check", "run"))
            return f"Never run. Next: {first}, then {then}"
        if now.purged and not sum(now.counts.values()):
            return "Its people were erased; whoever was called will not be called again."
        if self.paused is not None:
            return f"Paused {self.paused}. Next: {resume_command(named, self.paused, is_rehearsal=self.is_rehearsal)}"
        failed, may_go = now.counts[State.FAILED], now.retriable
        statuses = {**self.counts, Status.FAILED: min(may_go, failed), Status.PENDING: now.waiting}
        found = Situation(named, statuses, now.reasons, mended=max(0, may_go - failed), is_rehearsal=self.is_rehearsal)
        if (why := self.runs[0].stop) and now.waiting:
            found = replace(found, is_stopped=True, remedy=f"The last run stopped early: {why}")
        later = self.redials
        found = replace(found, redials_due=later.due, redials_waiting=later.waiting, not_asked=now.not_asked)
        return str(next_step(replace(found, redials_from="" if later.next_ms is None else iso_ms(later.next_ms))))

    def is_overdue(self, max_age: timedelta) -> bool:
        """Return whether the last good night ended longer ago than *max_age*, or there was none."""
        return self.good_night_ms is None or from_ms(self.at_ms) - from_ms(self.good_night_ms) > max_age

    def as_json(self) -> StandingJson:
        """Return the object that `--json` prints for this campaign."""
        now = self.standing
        unknown_since, next_slot, last_slot, good_night = (
            None if instant is None else iso_ms(instant)
            for instant in (now.unknown_since_ms, now.next_slot_ms, now.last_slot_ms, self.good_night_ms)
        )
        return {
            "campaign": self.campaign,
            "counts": self.counts,
            "reasons": dict(sorted(now.reasons.items())),
            "live_run": None if self.live is None else self.live.as_json(),
            "paused": None if self.paused is None else self.paused.as_json(),
            "redials_due": self.redials.due,
            "redials_waiting": self.redials.waiting,
            "redial": self.redials.described,
            "called_again": now.again,
            "purged": now.purged,
            "calls_to_ring": now.ringing,
            "calls_not_asked_about": now.not_asked,
            "ends": now.ends,
            "decisions": list(self.decisions),
            "lost_test_calls": [iso_ms(instant) for instant in self.lost_test_calls],
            "unknown_since": unknown_since,
            "next_slot": next_slot,
            "last_slot": last_slot,
            "last_good_night": good_night,
            "budget": self.spent,
            "runs": [
                {
                    "run_id": run.id,
                    "started_at": iso_ms(run.started_at_ms),
                    "ended_at": None if run.ended_at_ms is None else iso_ms(run.ended_at_ms),
                    "exit_code": run.exit_code,
                    "stop": run.stop,
                }
                for run in self.runs
            ],
            "next": self.advice,
        }


def read_standings(
    ledger: Ledger, campaign: Campaign | str | None = None, *, is_rehearsal: bool = False, clock: Clock = SYSTEM_CLOCK
) -> list[CampaignStanding]:
    """Return where *campaign* stands, or every campaign.

    Where only names are known, so is no budget and nobody who is called again; the file is the one that the ledger
    knows, where that lies on this machine.
    """
    budget, policy, file, name, now_ms = None, None, None, campaign, clock.now_ms()
    if isinstance(campaign, Campaign):
        name, budget, file = campaign.name, campaign.budget, campaign.path
        policy = policy_of(campaign, now_ms=now_ms)
    with ledger.read() as tx:
        names = campaign_names(tx) if name is None else [str(name)]
        found = [_standing(tx, name, budget, policy, now_ms=now_ms) for name in names]
        found = [replace(item, file=file or _known_file(tx, item.campaign)) for item in found]
    return [replace(_with_live_run(ledger, item), is_rehearsal=is_rehearsal) for item in found]


def _with_live_run(ledger: Ledger, found: CampaignStanding) -> CampaignStanding:
    run = live_run(ledger, name := found.campaign, now_ms=found.at_ms)
    return replace(found, live=run, is_beginning=run is None and live_run_id(ledger, name) is not None)


def never_run(campaign: Campaign, *, clock: Clock = SYSTEM_CLOCK) -> CampaignStanding:
    """Return how a *campaign* stands that has no ledger yet."""
    return CampaignStanding(campaign.name, clock.now_ms(), NOTHING, (), file=campaign.path)


def with_lost_test_calls(found: CampaignStanding, location: str | Path) -> CampaignStanding:
    """Return *found*, of the ledger at *location*, with the test calls that may exist, where its file is known."""
    if found.file is None:
        return found
    try:
        lost = doubtful_test_calls(ledger_of_test_calls(found.file.parent, location), found.campaign)
    except DialerError:  # a test call says what is wrong with the ledger of its own
        return found
    return replace(found, lost_test_calls=tuple(sorted(lost.values())))


def _standing(
    tx: Transaction, name: str, budget: Budget | None, policy: Policy | None, *, now_ms: int
) -> CampaignStanding:
    if (campaign_id := campaign_id_of(tx, name)) is None:
        return CampaignStanding(name, now_ms, NOTHING, ())
    nights = list(night_runs(tx, name))
    good = next((run.ended_at_ms for run in nights if run.exit_code in GOOD_EXITS), None)
    last = tuple(runs_of(tx, campaign_id)[:LAST_RUNS])
    standing, decisions = standing_of(tx, campaign_id, now_ms=now_ms), tuple(decisions_of(tx, campaign_id))
    found = CampaignStanding(name, now_ms, standing, last, good, bool(nights), budget, decisions)
    redials = NO_REDIALS if policy is None else redials_of(tx, campaign_id, policy, now_ms=now_ms)
    return replace(found, paused=paused_by(tx, name), redials=redials)


def _known_file(tx: Transaction, name: str) -> Path | None:
    place = place_of(tx, name)
    is_here = place is not None and place.host == socket.gethostname() and Path(place.file).is_file()
    return Path(place.file) if place is not None and is_here else None
