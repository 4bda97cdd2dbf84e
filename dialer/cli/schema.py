"""`dialer schema`: what editors check a file against."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from dialer.campaign.json_schema import schema_text


class Described(StrEnum):
    """What there is a schema of."""

    CAMPAIGN = "campaign"


def schema(
    what: Annotated[Described, typer.Argument(metavar="campaign", help="What the schema is of.")],
) -> None:
    """Print the JSON Schema of a campaign file, by which editors complete its keys and mark wrong ones."""
    del what  # there is one
    sys.stdout.write(schema_text())
