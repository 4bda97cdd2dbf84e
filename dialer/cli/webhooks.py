"""`dialer webhooks`: hear from the API that calls have ended."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.options import LedgerOption, VerboseOption, chosen_ledger, default_ledger, find_campaign
from dialer.errors import UsageError
from dialer.extras import install_command

if TYPE_CHECKING:
    from dialer.campaign.file import Campaign

STYLES = ("header", "hmac-hex", "hmac-base64", "body")

app = typer.Typer(no_args_is_help=True, help="Hear from the API that calls have ended.")


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
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8090,
    style: Annotated[
        str, typer.Option("--secret-in", metavar="STYLE", help=f"How a webhook shows its secret: {', '.join(STYLES)}.")
    ] = "header",
    secret_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The header, or body field, that shows it.")
    ] = None,
    secret_env: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Another variable that holds a secret.")
    ] = None,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Receive webhooks, read each call from the API, and store how it ended, also while a run is going."""
    from dialer.ledger.database.open import Ledger  # noqa: PLC0415

    if style not in STYLES:
        raise UsageError(f"--secret-in: {style} is none of {', '.join(STYLES)}.")
    try:
        from dialer.jobs.runtime import Runtime  # noqa: PLC0415
        from dialer.webhooks.server import listen  # noqa: PLC0415 - an extra
        from dialer.webhooks.server import serve as serve_until_stopped  # noqa: PLC0415
        from dialer.webhooks.setup import call_source, secret_check  # noqa: PLC0415
        from dialer.webhooks.signature import SecretStyle  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(f"The receiver is not installed. Run: {install_command('webhooks')}") from error
    found = [find_campaign(campaign) for campaign in campaigns or ()]
    check = secret_check(found, secret_env or (), os.environ, style=SecretStyle(style), name=secret_name)
    location = _one_ledger(found, ledger)
    opened = Ledger.open_existing(location)
    if opened is None:
        raise UsageError(f"{location}: there is no ledger yet, so no call of it can end. Next: dialer run")
    with opened:
        source = call_source(found, opened, Runtime())
        try:
            listener = listen(host, port)
        except OSError as error:
            raise UsageError(f"{host}, port {port}: cannot listen there: {error.strerror}.") from error
        asyncio.run(serve_until_stopped(listener, check, source, lambda: _tell(listener.getsockname())))


def _one_ledger(campaigns: "list[Campaign]", ledger: str | None) -> str | Path:
    """Tell which ledger the campaigns share. Raises `UsageError` when it is not one."""
    if not campaigns:
        return default_ledger(ledger, sandbox=False)
    locations = dict.fromkeys(chosen_ledger(campaign, ledger, sandbox=False) for campaign in campaigns)
    if len(locations) > 1:
        raise UsageError(
            f"These campaigns have several ledgers ({', '.join(map(str, locations))}): serve each by itself."
        )
    return next(iter(locations))


def _tell(address: tuple[str, int]) -> None:
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    sys.stderr.write(f"listening on http://{host}:{address[1]}\n")
