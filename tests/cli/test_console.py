"""What tables for people look like where no terminal shows them: in a file, a log, a pipe."""

import io

from rich.table import Table

from dialer.cli.console import _Console


def printed(*, is_terminal: bool) -> str:
    """Return a table with a short line and a long one, as it is printed."""
    file = io.StringIO()
    table = Table(box=None, show_header=False, pad_edge=False)
    for cells in (("1", "created", "short"), ("12", "failed", "a longer sentence")):
        table.add_row(*cells)
    _Console(file=file, width=60, force_terminal=is_terminal, color_system=None).print(table)
    return file.getvalue()


def test_no_line_of_a_file_ends_with_blanks() -> None:
    """They would show in each comparison of two outputs; the columns stay in line."""
    assert printed(is_terminal=False) == "1   created  short\n12  failed   a longer sentence\n"
    assert [line.rstrip() for line in printed(is_terminal=True).splitlines()] == printed(is_terminal=False).splitlines()
