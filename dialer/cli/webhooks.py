"""`dialer webhooks`: hear from the API that calls have ended."""

import asyncio
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
from typing_extensions import TypedDict

from dialer.campaign.file import Campaign
from dialer.cli.json_output import print_json
from dialer.cli.locations import find_campaign, find_ledger
from dialer.cli.options import JsonOption, LedgerOption, LogFileOption, LogFormatOption, VerboseOption
from dialer.cli.ports import cannot_listen, parse_port
from dialer.errors import UsageError
from dialer.extras import install_command
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger, shown_location
from dialer.webhooks.setup import call_source, secret_check
from dialer.webhooks.signature import SecretStyle
from dialer.words import command

STYLES = ", ".join(SecretStyle)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


class ListeningJson(TypedDict):
    """What `dialer webhooks serve --json` and `dialer sandbox --json` print as soon as they listen."""

    listening: str


@app.callback()
def _webhooks() -> None:
    """Hear from the API that calls have ended."""


@app.command()
def serve(
    campaigns: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CAMPAIGN]...", help="Campaigns of one ledger, whose webhooks' secrets are accepted."),
    ] = None,
    *,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(parser=parse_port, metavar="N", help="0 takes a free one.")] = 8090,
    style: Annotated[
        str, typer.Option("--secret-in", metavar="STYLE", help=f"How a webhook shows its secret: {STYLES}.")
    ] = "header",
    secret_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The header, or body field, that shows it.")
    ] = None,
    secret_env: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Another variable that holds a secret.")
    ] = None,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Receive webhooks, read each call from the API, and store how it ended, also while a run is going."""
    if style not in set(SecretStyle):
        raise UsageError(f"--secret-in: {style} is none of {STYLES}.")
    server = _receiver()
    found = [find_campaign(campaign) for campaign in campaigns or ()]
    check = secret_check(found, secret_env or (), os.environ, style=SecretStyle(style), name=secret_name)
    location = _one_ledger(found or [None], ledger)
    opened = _opened(location, campaigns[0] if campaigns else "CAMPAIGN")
    try:
        listener = server.listen(host, port)
    except OSError as error:
        raise UsageError(cannot_listen(host, port, error)) from error
    with opened:
        source = call_source(found, opened, _runtime(found))
        asyncio.run(server.serve(listener, check, source, lambda: _show(listener.getsockname(), as_json=as_json)))


def _opened(location: str | Path, campaign: object) -> Ledger:
    opened = Ledger.open_existing(location)
    if opened is None:
        raise UsageError(
            f"{shown_location(location)}: there is no ledger yet, so no call of it can end."
            f" Next: {command('run', campaign)}"
        )
    return opened


def _receiver() -> ModuleType:
    """Return the module of the receiver, an optional part. Raises `UsageError` where it is not installed."""
    try:
        return import_module("dialer.webhooks.server")
    except ImportError as error:
        raise UsageError(f"The receiver is not installed. Run: {install_command('webhooks')}") from error


def _runtime(campaigns: Sequence[Campaign]) -> Runtime:
    """Return the runtime of the campaigns' one profile. Raises `UsageError` where they have several."""
    profiles = dict.fromkeys(None if campaign.profile is None else campaign.profile.name for campaign in campaigns)
    if len(profiles) > 1:
        names = ", ".join(name or "none" for name in profiles)
        raise UsageError(f"These campaigns have several profiles ({names}): serve each by itself.")
    return Runtime().of(campaigns[0]) if campaigns else Runtime()


def _one_ledger(campaigns: Sequence[Campaign | None], ledger: str | None) -> str | Path:
    """Return the ledger that the campaigns share; None is no campaign. Raises `UsageError` when it is not one."""
    locations = dict.fromkeys(find_ledger(campaign, ledger, sandbox=False) for campaign in campaigns)
    if len(locations) > 1:
        raise UsageError(
            f"These campaigns have several ledgers ({', '.join(map(shown_location, locations))}): serve each by itself."
        )
    return next(iter(locations))


def _show(address: tuple[str, int], *, as_json: bool) -> None:
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    url = f"http://{host}:{address[1]}"
    if as_json:
        print_json(ListeningJson(listening=url), exit_code=None)
    else:
        sys.stderr.write(f"listening on {url}\n")
