"""Results, plan and status of a campaign as pandas DataFrames, for a notebook or a task."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from dialer.campaign.file import Campaign
from dialer.errors import UsageError
from dialer.jobs.locations import ledger_location
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.results import results_rows
from dialer.jobs.runtime import Runtime
from dialer.jobs.safeguards import open_known
from dialer.jobs.status import read_standings
from dialer.ledger.database.open import Ledger
from dialer.results.table import table_lines

INSTANTS = ("dialer_call_delayed_until", "dialer_submitted_at")


def results_frame(
    campaign: Campaign,
    *,
    run_id: str | None = None,
    ledger: str | Path | None = None,
    runtime: Runtime | None = None,
) -> pd.DataFrame:
    """Return what became of every row, a line each: the columns of a results file, from the ledger as it stands.

    The cells of the sheet are texts, `dialer_row` and `dialer_attempts` whole numbers, instants in UTC, NaT where there
    is none. With *run_id*: only what that run did. Raises `UsageError` for a campaign that has never run, and as
    `LedgerUnusable` tells.
    """
    with _opened(campaign, ledger, runtime or Runtime()) as opened:
        header, rows, result_columns = results_rows(opened, campaign.name, run_id=run_id)
        names, lines = table_lines(header, rows, result_columns)
        return _typed(pd.DataFrame(lines, columns=names))


def plan_frame(
    campaign: Campaign, *, options: PlanOptions | None = None, runtime: Runtime | None = None
) -> pd.DataFrame:
    """Return the whole schedule of *campaign*, a line for each row that gets a slot, as `dialer plan --output` does.

    Nothing is sent and nothing stored. Raises as `plan_campaign` does; `UsageError` where *options* name an output.
    """
    options = options or PlanOptions()
    if options.output is not None:
        raise UsageError("plan_frame returns the plan: leave output out, or call plan_campaign.")
    with TemporaryDirectory(prefix="dialer-") as folder:
        path = Path(folder) / "plan.csv"
        plan_campaign(campaign, options=replace(options, output=path), runtime=runtime)
        return _typed(pd.read_csv(path, dtype=str, keep_default_na=False, skiprows=1))


def status_frame(
    campaign: Campaign | None = None, *, ledger: str | Path | None = None, runtime: Runtime | None = None
) -> pd.DataFrame:
    """Return where *campaign*, or every campaign of *ledger*, stands: a line each, with the keys of `status --json`.

    Nested keys are joined by a point, such as `counts.created`. Raises `UsageError` where neither is given, or the
    campaign has never run.
    """
    runtime = runtime or Runtime()
    if campaign is not None:
        with _opened(campaign, ledger, runtime) as opened:
            found = read_standings(opened, campaign, is_rehearsal=runtime.rehearsal, clock=runtime.clock)
    elif ledger is not None:
        with Ledger.open(ledger) as opened:
            found = read_standings(opened, clock=runtime.clock)
    else:
        raise UsageError("status_frame: give a campaign, or the ledger of several.")
    return pd.json_normalize([dict(standing.as_json()) for standing in found])


def _opened(campaign: Campaign, ledger: str | Path | None, runtime: Runtime) -> Ledger:
    location = ledger_location(campaign, runtime.settings, ledger)
    opened = open_known(campaign, location, rehearsal=runtime.rehearsal)
    if opened is None:
        raise UsageError(f"{campaign.name} has never run with this ledger, so there is nothing to show.")
    return opened


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    for name in frame.columns.intersection(list(INSTANTS)):
        frame[name] = pd.to_datetime(frame[name].mask(frame[name] == ""), utc=True, format="ISO8601")
    for name in frame.columns.intersection(["dialer_row", "dialer_attempts"]):
        frame[name] = pd.to_numeric(frame[name])
    return frame
