"""Between the plan and the first claim: the checks of `dialer doctor`, then the question."""

from dialer.calls.outcome import Stop
from dialer.errors import UsageError
from dialer.jobs.locations import ledger_location
from dialer.jobs.planning.layout import PlanFacts
from dialer.jobs.readiness.finding import Finding, Level
from dialer.jobs.readiness.local_checks import Subject, local_findings
from dialer.jobs.sending.options import RunJob
from dialer.jobs.sending.preview import RunPreview, preview_run
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import Run


def ask(job: RunJob, ledger: Ledger, run: Run, facts: PlanFacts) -> Stop | None:
    """Make the checks, then ask the listener to agree; return why nothing can be sent, as the API says.

    A key that the API refuses ends the run before anybody is asked. Raises `UsageError` for a problem that nobody need
    ask the API about, and where the listener does not agree.
    """
    findings = findings_of(job)
    problems = [finding.text for finding in findings if finding.level is Level.PROBLEM]
    if problems:
        raise UsageError(f"Nothing was sent: {' '.join(problems)}")
    stop = _ask_api(job, ledger) if facts.planned else None
    if stop is None and not job.listener.planned(preview_of(job, ledger, run, facts, findings)):
        raise UsageError("Nothing was sent: the plan was not confirmed.")
    return stop


def _ask_api(job: RunJob, ledger: Ledger) -> Stop | None:
    from dialer.jobs.readiness.api_check import ask_api  # noqa: PLC0415 - 0.2 s that a run with nothing to send spares

    return ask_api(job.runtime, job.campaign, ledger)


def findings_of(job: RunJob) -> list[Finding]:
    """Return what the checks find that ask nobody."""
    settings = job.runtime.settings
    location = ledger_location(job.campaign, settings, job.options.ledger)
    results_folder = job.results_folder if job.results_path is None else job.results_path.parent
    return local_findings(Subject(settings, job.runtime.clock.now(), job.campaign, location, results_folder))


def preview_of(job: RunJob, ledger: Ledger, run: Run, facts: PlanFacts, findings: list[Finding]) -> RunPreview:
    """Return what the run is about to do, where its calls go, and the warnings among *findings*."""
    address = job.runtime.settings.base_url
    return preview_run(job.campaign, ledger, run, facts, address=address, findings=findings)
