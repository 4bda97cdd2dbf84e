"""`dialer man`: the man pages, made from the help of each command."""

from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typing_extensions import TypedDict

from dialer.cli.json_output import print_json
from dialer.cli.main import COMMANDS, load_command
from dialer.cli.main import app as every_command
from dialer.cli.options import JsonOption, VerboseOption
from dialer.clock import SYSTEM_CLOCK
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_CODES
from dialer.extras import DISTRIBUTION
from dialer.words import trouble


class ManJson(TypedDict):
    """What `dialer man --json` prints: the folder, and the files of its pages."""

    folder: str
    pages: list[str]


def man(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the pages, such as man1 in a man path.")],
    *,
    as_json: JsonOption = False,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Write a man page for each command: `man dialer`, `man dialer-run` and so on."""
    today, written = SYSTEM_CLOCK.now().date(), []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for page in man_pages():
            path = folder / f"{page.name}.1"
            path.write_text(page.roff(today), "utf-8")
            path.chmod(0o644)  # for everybody, unlike all else that is written
            written.append(str(path))
    except OSError as error:
        raise UsageError(f"{folder.absolute()}: the pages cannot be written there: {trouble(error)}.") from error
    if as_json:
        print_json(ManJson(folder=str(folder), pages=written))
    else:
        typer.echo(folder)


class ManPage(NamedTuple):
    """One page: the words of its *command* line, how it is used, what it does, its *options* with their help.

    *also* names other pages.
    """

    command: tuple[str, ...]
    usage: str
    text: str
    options: tuple[tuple[str, str], ...]
    also: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the page, such as `dialer-suppress-add`."""
        return "-".join(self.command)

    def roff(self, today: date) -> str:
        """Return the page as `man` reads it."""
        first, *rest = [" ".join(part.split()) for part in self.text.split("\n\n")]
        lines = [
            f'.TH {self.name.upper()} 1 "{today}" "dialer {version(DISTRIBUTION)}" "dialer"',
            *(".SH NAME", f"{_plain(self.name)} \\- {_plain(first.rstrip('.'))}"),
            *(".SH SYNOPSIS", f".B {_plain(' '.join(self.command))}", _plain(self.usage)),
            *(".SH DESCRIPTION", _plain(first)),
        ]
        lines += [line for part in rest for line in (".PP", _plain(part))]
        lines += [".SH OPTIONS"] if self.options else []
        lines += [line for name, told in self.options for line in (".TP", f".B {_plain(name)}", _plain(told or name))]
        lines += [".SH EXIT STATUS"]
        lines += [line for code, told in EXIT_CODES.items() for line in (".TP", f".B {code}", _plain(told))]
        also = ",\n".join(f".BR {_plain(name)} (1)" for name in self.also).replace(",\n", " ,\n")
        return "\n".join([*lines, ".SH SEE ALSO", also, ""])


def man_pages() -> Iterator[ManPage]:
    """Yield the page of `dialer` itself and of each of its commands, those of a group behind it."""
    whole = typer.main.get_command(every_command)
    yield _page(whole, ("dialer",), tuple(f"dialer-{name}" for name in COMMANDS))
    for name in COMMANDS:
        command = load_command(name)
        below: dict[str, Any] = getattr(command, "commands", {})
        yield _page(command, ("dialer", name), ("dialer", *(f"dialer-{name}-{each}" for each in below)))
        for each, inner in below.items():
            yield _page(inner, ("dialer", name, each), (f"dialer-{name}",))


def _page(command: Any, words: tuple[str, ...], also: tuple[str, ...]) -> ManPage:
    context = command.context_class(command, info_name=" ".join(words), help_option_names=["-h", "--help"])
    records = [param.get_help_record(context) for param in command.get_params(context)]
    commands = [(name, inner.get_short_help_str(200)) for name, inner in getattr(command, "commands", {}).items()]
    usage = " ".join(command.collect_usage_pieces(context))
    return ManPage(words, usage, command.help, (*filter(None, records), *commands), also)


def _plain(text: str) -> str:
    """Return a text of which nothing is a request of roff, in one line."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    return f"\\&{text}" if text.startswith((".", "'")) else text
