"""`dialer schema`: what editors check a file against."""

import sys
from typing import Annotated

import typer

from dialer.campaign.json_schema import schema_text
from dialer.errors import UsageError
from dialer.words import command


def schema(
    what: Annotated[str, typer.Argument(metavar="campaign", help="What the schema is of.")],
) -> None:
    """Print the JSON Schema of a campaign file, by which editors complete its keys and mark wrong ones."""
    if what != "campaign":
        raise UsageError(f"There is no schema of {what}, only that of a campaign file: {command('schema', 'campaign')}")
    sys.stdout.write(schema_text())
