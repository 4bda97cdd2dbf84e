"""What tests of timers share: awkward names, a program that notes how it was started, and how the tools read."""

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import available_timezones

from hypothesis import strategies as st

from dialer.nightly.timers.starts import NightTime
from dialer.nightly.timers.units import Timer, timer_units

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BERLIN = NightTime(time(22), "Europe/Berlin")
TIMES = (BERLIN, NightTime(time(2, 30), "America/New_York"), BERLIN)
TRICKY = r"""ca 100% "m'p\%s {{ ${{ $HOME é"""
FOLDER = Path("/srv") / TRICKY


ODD = st.sampled_from(
    ["%", "\\", "'", '"', "{", "}", "#", "$", "$HOME", "${{", "}}", "%%", "\\%", "''", " ", "é", "🙂", "^{", "- ", ": "]
)
"""What means something to a shell, a template or a reader of YAML, and what is no ASCII."""

FOLDERS = st.lists(ODD | st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters="/"), min_size=1).map(
    lambda parts: Path("/srv") / "".join(parts)
)
"""Folders of any name that can be written."""

TIMES_OF_DAY = st.times().map(lambda at: at.replace(second=0, microsecond=0))
ZONES = st.sampled_from(sorted(available_timezones()))
NIGHTS = st.lists(st.builds(NightTime, TIMES_OF_DAY, ZONES), min_size=1, max_size=3)


def recording_program(tmp_path: Path) -> Path:
    """Make a program under an awkward name: it notes its words, and ends with the codes that `start` gives it."""
    found = tmp_path / TRICKY / "dialer"
    found.parent.mkdir()
    found.write_text(
        "#!/bin/sh\n"
        f"cd {shlex.quote(str(tmp_path))}\n"
        'printf "%s\\n" "$AICALLER_API_KEY_FILE" "$(umask)" "$@" > words\n'
        "read -r code < codes; sed 1d codes > rest; mv rest codes; exit $code\n",
        "utf-8",
    )
    found.chmod(0o755)
    pause = tmp_path / "bin" / "sleep"
    pause.parent.mkdir()
    pause.write_text(f'#!/bin/sh\necho "$1" >> {shlex.quote(str(tmp_path / "paused"))}\n', "utf-8")
    pause.chmod(0o755)
    return found


def start(shell: Sequence[str], folder: Path, codes: Sequence[int], **environment: str) -> int:
    """Run *shell* as a timer would, the program ending with *codes* in turn, and return the code that comes out."""
    (folder / "codes").write_text("".join(f"{code}\n" for code in codes))
    known = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": "/home/you", **environment}
    return subprocess.run(shell, env=known, cwd=folder, check=False, timeout=60, capture_output=True).returncode


def units(timer: Timer, program: Path | str = "/opt/dialer/bin/dialer", folder: Path = FOLDER) -> str:
    """Print the unit of *timer* for *folder*."""
    return timer_units(timer, folder=folder, times=TIMES, command=str(program), now=NOW)


def systemd_reads(word: str, *, expands: bool) -> str:
    """Read a quoted word as systemd.syntax(7) says: escapes, then specifiers, then (in arguments) variables."""
    quoted = re.fullmatch(r'"((?:[^"\\]|\\["\\])*)"', word)
    assert quoted, "one whole word, each quotation mark and backslash escaped"
    text = re.sub(r'\\(["\\])', r"\1", quoted[1])
    assert not re.search(r"%", text.replace("%%", "")), "a lone % would be a specifier"
    text = text.replace("%%", "%")
    if expands:
        assert "$" not in text.replace("$$", ""), "a lone $ would be a variable"
        text = text.replace("$$", "$")
    return text


def cron_reads(command: str) -> str:
    r"""Read a command as cron does: a backslash hides the next character, `\%` becomes `%`, `%` ends the line."""
    text = ""
    hidden = False
    for char in command:
        assert hidden or char != "%", "a bare % would end the command"
        text = text[:-1] + char if hidden and char == "%" else text + char
        hidden = char == "\\" and not hidden
    return text


def kubernetes_reads(argument: str) -> str:
    """Read a container's argument as Kubernetes does (third_party/forked/golang/expansion): `$$` becomes `$`."""

    def read(found: re.Match[str]) -> str:
        assert found[0] != "$(", "a $( would open a variable"
        return "$" if found[0] == "$$" else found[0]

    return re.sub(r"\$[$(]?", read, argument)
