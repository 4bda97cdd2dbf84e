"""`dialer schema`: what editors check a file against."""

import sys
from typing import Annotated, Any

import typer
from typing_extensions import TypedDict

from dialer.campaign.json_schema import campaign_schema, schema_text
from dialer.cli.json_output import print_json
from dialer.cli.options import JsonOption
from dialer.errors import UsageError
from dialer.words import command


class SchemaJson(TypedDict):
    """What `dialer schema campaign --json` prints: the same schema, in an object of the kind that every command has."""

    schema: dict[str, Any]


def schema(
    what: Annotated[str, typer.Argument(metavar="campaign", help="What the schema is of.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Print the JSON Schema of a campaign file, by which editors complete its keys and mark wrong ones."""
    if what != "campaign":
        raise UsageError(f"There is no schema of {what}, only that of a campaign file: {command('schema', 'campaign')}")
    if as_json:
        print_json(SchemaJson(schema=campaign_schema()))
    else:
        sys.stdout.write(schema_text())
