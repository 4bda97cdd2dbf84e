"""What stands below the bar of a run: pace and limit, time left, next slot, pauses with their reason, problems."""

import io
import re
import sys
from contextlib import redirect_stderr

from rich.console import Console

from dialer.calls.outcome import Kind, Outcome
from dialer.calls.pause import Pause, PauseReason
from dialer.cli.run_screen import RunBars
from dialer.cli.run_state import RunState
from dialer.cli.terminal import Neutral, wrapped
from dialer.jobs.sending.options import Progress
from tests.support import NOON_MS

WIDTH = 80


def test_a_run_at_one_a_second_says_so() -> None:
    """With 1,971 of 2,000 calls left at one a second it takes about 33 minutes, whatever a burst looked like."""
    state = RunState(2_000, 1.0)
    for _ in range(29):
        state.count(Outcome(Kind.CREATED, call_id="call"))
    state.now = Progress(1, NOON_MS, None)
    lines = state.lines(seconds=30.2, now_ms=NOON_MS)
    assert lines == [
        "29 created, 0 failed, 0 unknown; 0:32:51 left",
        "1.0 of at most 1 a second, 1 request in flight",
        "next slot 2026-11-23T17:00:00.000Z",
    ]


def test_pauses_and_the_last_problems_are_told() -> None:
    """Why nothing is sent and until when, and what was wrong last; a pause lengthens the time left."""
    state = RunState(10, 1.0)
    for at in range(5):
        state.count(Outcome(Kind.REFUSED, "api_400", f"Refused {at}."))
    state.now = Progress(0, None, Pause(PauseReason.API, NOON_MS, NOON_MS + 30_000))
    lines = state.lines(seconds=1, now_ms=NOON_MS)
    assert lines[0] == "0 created, 5 failed, 0 unknown; 0:00:35 left"
    assert "waiting: the API asked to wait, until 2026-11-23T17:00:30.000Z" in lines
    assert lines[-3:] == [f"problem: api_400: Refused {at}." for at in (2, 3, 4)]


def test_no_line_breaks_inside_a_word() -> None:
    """A terminal of 80 columns gets whole words; a command begins a line, and a shell takes its lines as one."""
    said = "  " + "word-with-dashes and more " * 9 + "Next: dialer retry spring --from " + "a/path " * 12 + "\n"
    lines = wrapped(said, WIDTH).splitlines()
    assert max(map(len, lines)) <= WIDTH
    words = " ".join(lines).replace("\\", "").split()
    assert words == said.split()
    (at,) = [index for index, line in enumerate(lines) if line.startswith("Next: dialer")]
    assert all(line.endswith(" \\") for line in lines[at:-1])
    assert wrapped("short\n", WIDTH) == "short\n"
    assert wrapped("x" * 100 + "\n", WIDTH) == "x" * 100 + "\n"


def test_a_log_comes_above_what_is_drawn() -> None:
    """A line that others write while a bar is drawn stands on a line of its own, and afterwards as ever."""
    screen = io.StringIO()
    drawn_on = Console(file=screen, force_terminal=True, width=WIDTH)
    bars = RunBars(drawn_on, RunState(2, 1.0))
    bars.add_task("creating", total=2)
    with redirect_stderr(Neutral(screen)), bars:
        bars.show(["next slot 2026-11-23T17:00:00.000Z"])
        bars.refresh()
        sys.stderr.writelines(["a line of", " the log\n"])
        bars.stop()
        sys.stderr.write("afterwards\n")
    drawn, _, after = screen.getvalue().partition("a line of the log\n")
    assert re.search(r"\x1b\[2K(\x1b\[[0-9;]*m)*$", drawn), "the line below which it is drawn is erased first"
    assert "next slot" in after
    assert after.endswith("afterwards\n")
