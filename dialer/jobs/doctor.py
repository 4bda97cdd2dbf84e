"""Whether everything is ready to call, before anybody is asked or called: one line for each check, with its remedy."""

from dataclasses import dataclass
from pathlib import Path

from typing_extensions import TypedDict

from dialer.campaign.file import Campaign
from dialer.errors import DialerError
from dialer.exit_codes import exit_code_of
from dialer.jobs.locations import RESULTS_FOLDER
from dialer.jobs.readiness.api_check import api_findings, ask_api_once
from dialer.jobs.readiness.finding import (
    Finding,
    FindingJson,
    Level,
    exit_code_of_findings,
    fine,
    problem,
    warning,
)
from dialer.jobs.readiness.local_checks import Subject, local_findings
from dialer.jobs.readiness.lost_test_calls import doubtful_test_calls, ledger_of_test_calls, told_lost
from dialer.jobs.run_mark import read_mark
from dialer.jobs.runtime import Runtime
from dialer.jobs.safeguards import Traces, recognise, refuse_forgotten, refuse_other_key, refuse_stranger
from dialer.ledger.database.open import Ledger, ledger_file


class DoctorJson(TypedDict):
    """What `dialer doctor --json` prints."""

    campaign: str | None
    findings: list[FindingJson]
    exit_code: int


@dataclass(frozen=True)
class DoctorSummary:
    """What the checks found, in the order of a run; *campaign* is None where the environment alone was looked at."""

    campaign: str | None
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """0 where calls can be created, whatever the warnings; else as a run would end because of the first problem."""
        return exit_code_of_findings(list(self.findings))

    def as_json(self) -> DoctorJson:
        """Return the object that `--json` prints."""
        findings = [finding.as_json() for finding in self.findings]
        return {"campaign": self.campaign, "findings": findings, "exit_code": self.exit_code}


def diagnose(campaign: Campaign | None, location: str | Path, *, runtime: Runtime | None = None) -> DoctorSummary:
    """Check what a run of *campaign* with the ledger at *location* needs; None: what every run needs.

    Sends one GET, where there is a key to send it with, and changes nothing. Raises `SettingsError` for an environment
    that cannot be used.
    """
    runtime = runtime or Runtime()
    runtime = runtime if campaign is None else runtime.of(campaign)
    settings = runtime.settings
    subject = Subject(settings, runtime.clock.now(), campaign, location)
    local = local_findings(subject)
    has_key = not any(finding.check == "key" and finding.level is Level.PROBLEM for finding in local)
    if has_key:
        asked = api_findings(ask_api_once(runtime, campaign, location), settings)
    else:
        asked = [warning("address", f"{settings.base_url}: not asked, for there is no key to ask with.")]
    findings = [*asked, *local, _ledger(campaign, location, runtime), *_lost_test_calls(campaign, location)]
    order = ("key", "address", "clock", "template", "ledger", "folder", "disk", "suppression", "rules", "zones")
    return DoctorSummary(
        None if campaign is None else campaign.name,
        tuple(sorted(findings, key=lambda finding: order.index(finding.check))),
    )


def _ledger(campaign: Campaign | None, location: str | Path, runtime: Runtime) -> Finding:
    """Look at the ledger as a run would take it, and let it go at once."""
    file = ledger_file(location)
    try:
        if campaign is not None:
            traces = Traces(campaign, campaign.folder / RESULTS_FOLDER, read_mark(campaign))
            refuse_forgotten(traces, location)
        opened = Ledger.open_existing(location)
        if opened is None:
            return fine("ledger", f"{file}: there is none yet; the first run begins it.")
        with opened:
            if campaign is None:
                return fine("ledger", f"{opened.where}: is whole.")
            with opened.lock(what="dialer doctor", since=runtime.clock.now(), campaign=campaign.name):
                refuse_stranger(opened, traces)
                recognise(opened, campaign, traces.mark)
                refuse_other_key(opened, campaign)
            return fine("ledger", f"{opened.where}: is whole, and no run holds the campaign.")
    except DialerError as error:
        return problem("ledger", str(error), exit_code=exit_code_of(error))


def _lost_test_calls(campaign: Campaign | None, location: str | Path) -> list[Finding]:
    """Name the test calls whose replies were lost, and that nobody has found since."""
    if campaign is None:
        return []
    try:
        lost = doubtful_test_calls(ledger_of_test_calls(campaign.folder, location), campaign.name)
    except DialerError:  # a test call says what is wrong with the ledger of its own
        return []
    return [warning("ledger", told_lost(lost.values()))] if lost else []
