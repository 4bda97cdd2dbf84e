"""Turns a contact spreadsheet into AI phone calls, each created at most once, each at a permitted hour.

    from dialer import load_campaign, run_campaign

    summary = run_campaign(load_campaign("campaigns/spring.toml"))
    print(summary.exit_code, summary.counts, summary.results)

The names below are the whole public interface: enough for a task of a scheduler to do what the command line does.
They are imported when they are first used, so that `import dialer` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dialer.campaign.file import Campaign, load_campaign
    from dialer.contacts.loader import load_contacts
    from dialer.errors import (
        CampaignError,
        CampaignPaused,
        CannotStart,
        DialerError,
        JudgingFailed,
        LedgerBusy,
        LedgerHeld,
        LedgerUnusable,
        LedgerWriteFailed,
        LockLost,
        PlanRefused,
        ResultsNotWritten,
        SettingsError,
        SheetError,
        TransitionRefused,
        UsageError,
    )
    from dialer.exit_codes import EXIT_CODES
    from dialer.jobs.check import CheckSummary, check_campaign
    from dialer.jobs.doctor import DoctorSummary, diagnose
    from dialer.jobs.frames.tables import plan_frame, results_frame, status_frame
    from dialer.jobs.locations import ledger_location
    from dialer.jobs.plan import PlanOptions, plan_campaign
    from dialer.jobs.planning.layout import PlanFacts
    from dialer.jobs.planning.summary import PlanSummary
    from dialer.jobs.purge import PurgeOptions, PurgeSummary, purge_campaign
    from dialer.jobs.reconcile import ReconcileOptions, ReconcileSummary, reconcile_campaign
    from dialer.jobs.results import rebuild_results
    from dialer.jobs.retry import RetryOptions, retry_campaign
    from dialer.jobs.run import run_campaign, run_campaign_async
    from dialer.jobs.runtime import Runtime
    from dialer.jobs.sending.control import Control, ControlSummary, control_run
    from dialer.jobs.sending.options import Listener, Progress, RunOptions, SilentListener
    from dialer.jobs.sending.preview import RunPreview
    from dialer.jobs.sending.summary import RunSummary
    from dialer.jobs.status import CampaignStanding, read_standings
    from dialer.jobs.sync import SyncSummary, sync_campaign
    from dialer.ledger.database.open import Ledger
    from dialer.nightly.folder import NightlyOptions, NightlySummary, run_nightly
    from dialer.reasons import Reason, Status
    from dialer.results.tally import Tally
    from dialer.settings import Settings, read_settings

__all__ = [
    "EXIT_CODES",
    "Campaign",
    "CampaignError",
    "CampaignPaused",
    "CampaignStanding",
    "CannotStart",
    "CheckSummary",
    "Control",
    "ControlSummary",
    "DialerError",
    "DoctorSummary",
    "JudgingFailed",
    "Ledger",
    "LedgerBusy",
    "LedgerHeld",
    "LedgerUnusable",
    "LedgerWriteFailed",
    "Listener",
    "LockLost",
    "NightlyOptions",
    "NightlySummary",
    "PlanFacts",
    "PlanOptions",
    "PlanRefused",
    "PlanSummary",
    "Progress",
    "PurgeOptions",
    "PurgeSummary",
    "Reason",
    "ReconcileOptions",
    "ReconcileSummary",
    "ResultsNotWritten",
    "RetryOptions",
    "RunOptions",
    "RunPreview",
    "RunSummary",
    "Runtime",
    "Settings",
    "SettingsError",
    "SheetError",
    "SilentListener",
    "Status",
    "SyncSummary",
    "Tally",
    "TransitionRefused",
    "UsageError",
    "check_campaign",
    "control_run",
    "diagnose",
    "ledger_location",
    "load_campaign",
    "load_contacts",
    "plan_campaign",
    "plan_frame",
    "purge_campaign",
    "read_settings",
    "read_standings",
    "rebuild_results",
    "reconcile_campaign",
    "results_frame",
    "retry_campaign",
    "run_campaign",
    "run_campaign_async",
    "run_nightly",
    "status_frame",
    "sync_campaign",
]

_HOMES = {
    "dialer.campaign.file": (
        "Campaign",
        "load_campaign",
    ),
    "dialer.exit_codes": ("EXIT_CODES",),
    "dialer.jobs.check": (
        "CheckSummary",
        "check_campaign",
    ),
    "dialer.jobs.doctor": (
        "DoctorSummary",
        "diagnose",
    ),
    "dialer.jobs.locations": ("ledger_location",),
    "dialer.jobs.plan": (
        "PlanOptions",
        "plan_campaign",
    ),
    "dialer.jobs.planning.layout": ("PlanFacts",),
    "dialer.jobs.planning.summary": ("PlanSummary",),
    "dialer.jobs.purge": (
        "PurgeOptions",
        "PurgeSummary",
        "purge_campaign",
    ),
    "dialer.jobs.reconcile": (
        "ReconcileOptions",
        "ReconcileSummary",
        "reconcile_campaign",
    ),
    "dialer.jobs.results": ("rebuild_results",),
    "dialer.jobs.retry": (
        "RetryOptions",
        "retry_campaign",
    ),
    "dialer.jobs.run": ("run_campaign", "run_campaign_async"),
    "dialer.contacts.loader": ("load_contacts",),
    "dialer.jobs.frames.tables": ("plan_frame", "results_frame", "status_frame"),
    "dialer.jobs.sending.control": ("Control", "ControlSummary", "control_run"),
    "dialer.jobs.runtime": ("Runtime",),
    "dialer.jobs.sending.options": (
        "Listener",
        "Progress",
        "RunOptions",
        "SilentListener",
    ),
    "dialer.jobs.sending.preview": ("RunPreview",),
    "dialer.jobs.sending.summary": ("RunSummary",),
    "dialer.jobs.status": (
        "CampaignStanding",
        "read_standings",
    ),
    "dialer.jobs.sync": (
        "SyncSummary",
        "sync_campaign",
    ),
    "dialer.ledger.database.open": ("Ledger",),
    "dialer.nightly.folder": (
        "NightlyOptions",
        "NightlySummary",
        "run_nightly",
    ),
    "dialer.reasons": (
        "Reason",
        "Status",
    ),
    "dialer.results.tally": ("Tally",),
    "dialer.settings": (
        "Settings",
        "read_settings",
    ),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module 'dialer' has no attribute {name!r}")
    home = next((module for module, names in _HOMES.items() if name in names), "dialer.errors")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
