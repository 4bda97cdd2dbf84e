"""Promises about the units that `--print` gives: what holds for each, and what systemd takes."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dialer.errors import UsageError
from dialer.nightly.timers.units import Timer, timer_units
from tests.nightly.timers.readers import FOLDER, NOW, TIMES, recording_program, units


def systemd_files(text: str) -> dict[str, str]:
    """Split what is printed for systemd into its files, by path."""
    parts = re.split(r"^# ==== (\S+) ====\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def parsed(unit: str) -> configparser.RawConfigParser:
    """Read a unit file; of a setting that stands there twice the last."""
    read = configparser.RawConfigParser(strict=False, comment_prefixes=("#",), delimiters=("=",))
    read.optionxform = str  # type: ignore[method-assign, assignment] # the documented way to keep upper case
    read.read_string(unit)
    return read


def test_systemd_has_a_service_and_two_timers_for_each_time() -> None:
    """No two times share a service, where the later start would be lost; each timer starts its own."""
    files = systemd_files(units(Timer.SYSTEMD))
    stems = {Path(name).name.removesuffix("@.service") for name in files if name.endswith(".service")}

    assert len(stems) == 2
    assert {Path(name).name for name in files} == {
        f"{stem}{end}" for stem in stems for end in ("@.service", "@.timer", "-boot@.timer")
    }
    for name, content in files.items():
        if name.endswith("-boot@.timer"):
            service = name.replace("-boot@.timer", "@%i.service").removeprefix("/etc/systemd/system/")
            assert parsed(content)["Timer"]["Unit"] == service


def test_systemd_starts_each_night_in_its_zone_and_makes_up_for_one_it_missed() -> None:
    """The zone stands in the calendar, a skipped hour has a second start, a missed start comes at the next boot."""
    text = units(Timer.SYSTEMD)
    assert re.findall(r"^OnCalendar=(.*)", text, re.MULTILINE) == [
        "*-*-* 02:30:00 America/New_York",
        "*-*-* 03:30:00 America/New_York",
        "*-*-* 22:00:00 Europe/Berlin",
    ]
    assert all(
        parsed(content)["Timer"]["Persistent"] == "true"
        for name, content in systemd_files(text).items()
        if name.endswith(".timer") and "-boot@" not in name
    )


def test_systemd_takes_3_for_good_tries_only_75_again_and_lets_requests_finish() -> None:
    """The service fails where somebody has to look, and is neither cut off nor readable by others."""
    for name, content in systemd_files(units(Timer.SYSTEMD)).items():
        if not name.endswith(".service"):
            continue
        service = parsed(content)["Service"]
        assert (service["Type"], service["UMask"], service["TimeoutStartSec"]) == ("oneshot", "0077", "infinity")
        assert (service["KillSignal"], service["TimeoutStopSec"]) == ("SIGTERM", "15min")
        assert service["SuccessExitStatus"] == "3"
        assert {"1", "2", "4", "5", "130", "143"} <= set(service["RestartPreventExitStatus"].split())
        assert "75" not in service["RestartPreventExitStatus"].split()
        assert "AICALLER_API_KEY" not in content


@pytest.mark.parametrize("place", ["plain", "100% of $HOME é {}", ""])
def test_systemd_itself_takes_the_units(tmp_path: Path, place: str) -> None:
    """`systemd-analyze verify` has nothing to say, even of a program and a folder under the most awkward names."""
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    program = recording_program(tmp_path)
    if place:  # systemd itself starts no program under a name with quotes
        program = program.parent.rename(tmp_path / place) / program.name
    made = []
    for name, content in systemd_files(units(Timer.SYSTEMD, program, program.parent)).items():
        made.append(tmp_path / Path(name).name)
        made[-1].write_text(content, "utf-8")
    ended = subprocess.run(
        [analyze, "verify", "--man=no", *made], capture_output=True, text=True, check=False, timeout=60
    )

    assert ended.stdout + ended.stderr == ""
    assert ended.returncode == 0


@pytest.mark.parametrize("timer", Timer)
def test_a_folder_without_a_night_is_refused(timer: Timer) -> None:
    """There is no timer without a time: the message says where to set one."""
    with pytest.raises(UsageError, match=r"\[nightly\]"):
        timer_units(timer, folder=FOLDER, times=[], command="dialer", now=NOW)


@pytest.mark.parametrize("timer", Timer)
def test_a_path_that_no_unit_can_hold_is_refused(timer: Timer) -> None:
    """A line break in a name never becomes a line of a unit, in the folder or the program."""
    for folder, command in ((Path("/srv/a\nb"), "dialer"), (FOLDER, "/opt/a\nb")):
        with pytest.raises(UsageError, match="Rename it"):
            timer_units(timer, folder=folder, times=TIMES, command=command, now=NOW)


def test_folders_of_one_name_have_units_of_their_own() -> None:
    """Two folders called `campaigns` never overwrite each other's units."""
    one, other = (systemd_files(units(Timer.SYSTEMD, folder=Path(f"/srv/{each}/campaigns"))) for each in "ab")
    assert not one.keys() & other.keys()
