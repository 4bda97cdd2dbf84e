"""`dialer results`: the table again, from the ledger."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.options import (
    SANDBOX_RESULTS,
    CampaignArgument,
    JsonOption,
    LedgerOption,
    SandboxOption,
    VerboseOption,
    chosen_ledger,
    find_campaign,
)
from dialer.errors import UsageError


def results(
    campaign: CampaignArgument,
    *,
    output: Annotated[
        Path | None, typer.Option("--results", metavar="FILE", help="Where to write: .csv, .xlsx or .json.")
    ] = None,
    run_id: Annotated[str | None, typer.Option("--run", metavar="RUN", help="Only what this run did.")] = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Write where every row of the campaign stands, rebuilt from the ledger."""
    from dialer.jobs.locations import RESULTS_FOLDER  # noqa: PLC0415
    from dialer.jobs.results import rebuild_results  # noqa: PLC0415 - half a second that --help need not pay
    from dialer.ledger.database.open import Ledger  # noqa: PLC0415
    from dialer.reasons import Status  # noqa: PLC0415

    found = find_campaign(campaign)
    opened = Ledger.open_existing(chosen_ledger(found, ledger, sandbox=sandbox))
    if opened is None:
        raise UsageError(f"{found.name} has never run, so there are no results. Next: dialer run {campaign}")
    folder = found.folder / (SANDBOX_RESULTS if sandbox else RESULTS_FOLDER)
    path = folder / f"{found.name}.csv" if output is None else output.absolute()
    with opened:
        tally = rebuild_results(opened, found.name, path, run_id=run_id)
    counts = {str(status): tally.counts[status] for status in Status}
    if as_json:
        reasons = dict(sorted(tally.reasons.items()))
        typer.echo(json.dumps({"campaign": found.name, "counts": counts, "reasons": reasons, "results": str(path)}))
        return
    sys.stderr.write(", ".join(f"{count} {status}" for status, count in counts.items() if count) + "\n")
    typer.echo(path)
