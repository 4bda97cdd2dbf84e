"""`dialer init`: a campaign file for a sheet, with what only a person can say asked for, or left open."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from dialer.campaign.values import parse_regions
from dialer.cli.json_output import print_json
from dialer.cli.options import JsonOption, LogFileOption, LogFormatOption, VerboseOption
from dialer.contacts.columns.column_questions import Question
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_OK, EXIT_USAGE
from dialer.jobs.drafting.drafted import Drafted
from dialer.jobs.drafting.given_sheet import given_sheet
from dialer.jobs.drafting.questions import MOST_SAMPLES
from dialer.jobs.init import init_campaign
from dialer.sheets.header_names import shown
from dialer.words import command

LONGEST_SAMPLE = 40


QueryOption = Annotated[str | None, typer.Option(metavar="SQL", help="What a database is asked.")]
QueryFileOption = Annotated[Path | None, typer.Option(metavar="FILE", help="A file that holds the query.")]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(metavar="http|private", help="Read it without TLS, or from a private network; may be repeated."),
]


def init(
    sheet: Annotated[
        str, typer.Argument(metavar="SHEET", help="The contact file, its address, or - for standard input.")
    ],
    *,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The campaign file. [default: campaigns/NAME.toml]")
    ] = None,
    region: Annotated[
        str | None, typer.Option(metavar="COUNTRY", help="Country of numbers without +, such as US.")
    ] = None,
    query: QueryOption = None,
    query_file: QueryFileOption = None,
    allow: AllowOption = None,
    as_json: JsonOption = False,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Write a campaign file for a sheet: the columns and variables found, and what is left to be said."""
    try:
        region = None if region is None else parse_regions(region)
    except ValueError as error:
        raise UsageError(f"--region: {error}.") from error
    is_terminal = sys.stdin.isatty() and sys.stderr.isatty() and not as_json
    drafted = init_campaign(
        given_sheet(sheet, query=query, query_file=query_file, allow=allow or ()),
        output,
        region=region,
        ask=_ask if is_terminal else lambda _question, _headers: None,
        ask_region=_ask_region if is_terminal else lambda _guess: None,
        ask_sheet=_ask_sheet if is_terminal else lambda _lists: None,
    )
    if as_json:
        print_json(drafted.as_json(), exit_code=EXIT_OK if drafted.is_complete else EXIT_USAGE)
    else:
        sys.stderr.write("\n".join(_lines(drafted)) + "\n")
        typer.echo(drafted.path)
    if not drafted.is_complete:
        raise typer.Exit(EXIT_USAGE)


def _ask(question: Question, headers: tuple[str, ...]) -> tuple[str, ...] | None:
    """Show the columns that could be meant, and take one by its number or its header."""
    from dialer.jobs.drafting.campaign_text import asked  # noqa: PLC0415 - as above

    joined = ", else " if question.field == "phone" else " + "
    ways = question.candidates or tuple((header,) for header in headers)
    sys.stderr.write(f"{asked(question).capitalize()}?\n")
    for number, way in enumerate(ways, start=1):
        sys.stderr.write(f"  {number}. {joined.join(way)}{_sampled(question, way)}\n")
    if question.may_be_ignored:
        sys.stderr.write("  0. none of them: they speak of e-mails and the like\n")
    likely = next((f"; {at} is likely" for at, way in enumerate(ways, start=1) if way == (question.guess,)), "")
    while True:
        said = _prompt(f"Its number{likely} (empty: leave it open)")
        if not said:
            return None
        if question.may_be_ignored and said == "0":
            return ()
        if said.isdecimal() and 1 <= int(said) <= len(ways):
            return ways[int(said) - 1]
        if said in headers:
            return (said,)
        sys.stderr.write(f"Write a number from 1 to {len(ways)}, or a header.\n")


def _ask_sheet(lists: tuple[str, ...]) -> str | None:
    sys.stderr.write("Several worksheets look like lists of people:\n")
    for number, name in enumerate(lists, start=1):
        sys.stderr.write(f"  {number}. {name}\n")
    while True:
        said = _prompt("Which worksheet is meant", default="1")
        if said.isdecimal() and 1 <= int(said) <= len(lists):
            return lists[int(said) - 1]
        if not said or said in lists:
            return said or None
        sys.stderr.write(f"Write a number from 1 to {len(lists)}, or a name.\n")


def _ask_region(guess: str | None) -> str | None:
    fits = "" if guess is None else f" Most of them fit {guess}."
    sys.stderr.write(f"Some numbers are written without + and their country.{fits}\n")
    while True:
        said = _prompt("Which country are they of, such as US (empty: leave it open)")
        if not said:
            return None
        try:
            return parse_regions(said)
        except ValueError as error:
            sys.stderr.write(f"{error}\n")


def _sampled(question: Question, way: tuple[str, ...]) -> str:
    """Return what stands in the columns of *way*: values that may be numbers are told by their length."""
    values = [shown(value[:LONGEST_SAMPLE]) for header in way for value in question.samples.get(header, ())]
    return f": {', '.join(values[:MOST_SAMPLES])}" if values else ""


def _prompt(text: str, default: str = "") -> str:
    try:
        return str(typer.prompt(text, default=default, show_default=bool(default), err=True)).strip()
    except typer.Abort:  # Ctrl-C or Ctrl-D leaves the question open
        return ""


def _lines(drafted: Drafted) -> Iterator[str]:
    yield f"{drafted.sheet}"
    yield from (f"  {field} = {header}" for field, header in drafted.columns.items())
    yield from (f"  variable {key} = {header}" for key, header in drafted.variables.items())
    yield from (f"Note: {note}" for note in drafted.notes)
    if drafted.example is not None:
        yield f"Row {drafted.example['row']} would be called with:"
        yield from (f"  {key}: {value}" for key, value in drafted.example.items() if key != "row")
    for question in drafted.questions:
        yield f"Open: {question}. It stands in the file as a QUESTION; answer it there."
    if drafted.is_complete:
        yield f"Next: {command('check', drafted.path)}"
