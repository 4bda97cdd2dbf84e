"""What `dialer suppress` is given: numbers, their country, and the ledger whose list is meant."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dialer.campaign.values import parse_regions
from dialer.cli.locations import find_campaign, find_ledger
from dialer.errors import UsageError
from dialer.ledger.database.open import Ledger, ledger_file, shown_location
from dialer.settings import read_settings

ArgumentsRefused = Annotated[
    list[str] | None, typer.Argument(hidden=True, help="Refused, with the way to give them instead.")
]


def refuse_arguments(numbers: list[str] | None, command: str) -> None:
    """Refuse numbers given as arguments: they have been seen already, and it must be said by whom."""
    if numbers:
        raise UsageError(
            "Numbers are not taken as arguments: every list of processes shows these, and they stay in the shell's"
            f" history (delete that line there). Run `dialer suppress {command}` alone and type them, one a line, or"
            f" give a file: dialer suppress {command} < numbers.txt. Nothing was changed."
        )


def typed_lines() -> list[str]:
    """Return the lines of standard input; on a terminal, say first what is wanted."""
    if sys.stdin.isatty():
        sys.stderr.write("Numbers, one a line; Ctrl-D ends the list:\n")
    return sys.stdin.read().splitlines()


def region_of(campaign: Path | None, region: str | None) -> str | None:
    """Return the country of numbers without +: *region*, or the campaign's. Raises `UsageError` for no country."""
    if region is None:
        return None if campaign is None else find_campaign(campaign).contacts.region
    try:
        return parse_regions(region)
    except ValueError as error:
        raise UsageError(f"--region: {error}.") from error


def other_regions_of(campaign: Path | None, region: str | None) -> tuple[str, ...]:
    """Return the countries that the campaign calls, for numbers without + to be read in too; none where *region* is."""
    return () if campaign is None or region is not None else find_campaign(campaign).contacts.allowed_regions


def location_of(campaign: Path | None, ledger: str | None, *, sandbox: bool) -> str | Path:
    """Return which ledger is meant, whether it is there or not."""
    return find_ledger(None if campaign is None else find_campaign(campaign), ledger, sandbox=sandbox)


def ledger_to_write(campaign: Path | None, ledger: str | None, *, sandbox: bool) -> str | Path:
    """Return the ledger to write to: one that is there, or one that was named, which begins with its list.

    A ledger made in whatever folder one stands in would be read by no campaign. Raises `UsageError` where none is
    there and neither --campaign, --ledger nor DIALER_LEDGER names one.
    """
    location = location_of(campaign, ledger, sandbox=sandbox)
    file = ledger_file(location)
    is_named = campaign is not None or ledger is not None or (not sandbox and read_settings().ledger is not None)
    if is_named or file is None or file.exists():
        return location
    raise UsageError(
        f"{file.absolute()}: there is no ledger there, and none was created, because no campaign would use it."
        " Name the campaign whose list it is with --campaign, or the ledger with --ledger. Nothing was stored."
    )


def existing_ledger(campaign: Path | None, ledger: str | None, *, sandbox: bool) -> Ledger:
    """Open a ledger that is there. A new one would hold nobody, and hide that another one was meant."""
    location = location_of(campaign, ledger, sandbox=sandbox)
    opened = Ledger.open_existing(location)
    if opened is None:
        raise UsageError(
            f"{shown_location(location)}: there is no ledger, so no list either. Name the right one with --campaign or"
            " --ledger; `dialer suppress add` begins one."
        )
    return opened
