"""Why a run sends nothing, or ends before its rows do."""

from dataclasses import dataclass
from datetime import date

from dialer.calls.outcome import Stop, StopCode
from dialer.errors import CampaignPaused, NightDone
from dialer.exit_codes import GOOD_EXITS
from dialer.jobs.planning.commit import RunPlanner
from dialer.jobs.planning.layout import PlanFacts
from dialer.jobs.sending.options import RunJob
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.breaker import resume_command
from dialer.ledger.live.nights import NightRun, night_runs
from dialer.ledger.live.pauses import paused_by
from dialer.submit.rate_share import PaceJson
from dialer.words import counted, verb


@dataclass(frozen=True, slots=True)
class Sent:
    """How the sending ended: why early, if it did, by which signal; *notes* and *pace* say what held it up."""

    stop: Stop | None = None
    signal_number: int | None = None
    notes: tuple[str, ...] = ()
    pace: PaceJson | None = None


def refuse_paused(job: RunJob, ledger: Ledger) -> None:
    """Raise `CampaignPaused` where somebody has paused the campaign: a pause outlasts the run that it was meant for."""
    with ledger.read() as tx:
        found = paused_by(tx, job.campaign.name)
    if found is not None:
        resume = resume_command(job.campaign.path, found, is_rehearsal=job.runtime.rehearsal)
        raise CampaignPaused(f"{job.campaign.name} is paused ({found}), so nothing was sent. Next: {resume}")


def done_night(ledger: Ledger, campaign: str, night: date) -> NightRun | None:
    """Return the run that has done the *night* of *campaign*, if one has."""
    with ledger.read() as tx:
        of_night = (run for run in night_runs(tx, campaign) if run.night == night)
        return next((run for run in of_night if run.exit_code in GOOD_EXITS), None)


def refuse_done_night(job: RunJob, ledger: Ledger) -> None:
    """Raise `NightDone` where another run has done the job's night since somebody looked: now it holds the campaign."""
    if job.options.night is None:
        return
    done = done_night(ledger, job.campaign.name, job.options.night)
    if done is not None:
        raise NightDone(f"done already by {done.run_id}")


def stop_of_plan(job: RunJob, facts: PlanFacts, planner: RunPlanner) -> Stop | None:
    """Return why a run that was sent whole has left eligible rows all the same."""
    if planner.passed:
        message = f"{counted(planner.passed, 'slot')} of the plan file passed before a turn came."
        return Stop(StopCode.FELL_BEHIND, message)
    if facts.beyond_budget:
        rows, limits = counted(facts.beyond_budget, "row"), job.campaign.budget.limits
        more = f"{rows} {verb(facts.beyond_budget, 'waits', 'wait')} for more"
        return Stop(StopCode.BUDGET_SPENT, f"The campaign's budget is spent ({limits}), and {more}.")
    return None


def with_lost_lock(sent: Sent, ledger: Ledger) -> Sent:
    """Let a run that stopped on a lost lock say so, though something else that comes with it was noticed first."""
    if sent.stop is None or sent.stop.code == StopCode.LOCK_LOST or sent.signal_number is not None:
        return sent
    why = ledger.why_lost()
    return Sent(Stop(StopCode.LOCK_LOST, f"The run's lock was lost: {why}.")) if why else sent
