"""Promises about the units whose night is a shell's line: cron, GitHub Actions and Airflow. The very lines are run."""

import ast
import builtins
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import pytest
import yaml
from hypothesis import given, settings

from dialer.nightly.timers.starts import NightTime
from dialer.nightly.timers.units import Timer, timer_units
from docs.generate.pages import ROOT
from tests.nightly.nights import EVERY_NIGHT, Folder
from tests.nightly.timers.readers import (
    FOLDER,
    FOLDERS,
    NIGHTS,
    NOW,
    TRICKY,
    cron_reads,
    recording_program,
    start,
    units,
)
from tests.support import ANY_HOUR


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Make the program that a unit starts."""
    return recording_program(tmp_path)


def crontab(text: str) -> list[tuple[list[str], str]]:
    """Return the entries of a crontab: five fields and the command."""
    settings = re.compile(r"#|[A-Z_]+=")
    lines = [line for line in text.splitlines() if not settings.match(line)]
    return [(line.split(" ", 5)[:5], line.split(" ", 5)[5]) for line in lines]


def is_cron(fields: Sequence[str]) -> bool:
    """Return whether five fields are in cron's ranges: minute, hour, day of the month, month, day of the week."""
    minute, hour, day, months, weekday = fields
    listed = range(1, 13) if months == "*" else [int(month) for month in months.split(",")]
    return (
        int(minute) in range(60) and int(hour) in range(24) and day == weekday == "*" and set(listed) <= {*range(1, 13)}
    )


def test_cron_has_valid_lines_for_both_sides_of_each_clock_change() -> None:
    """Two times, each with summer and winter: four lines in UTC, and the crontab says so."""
    text = units(Timer.CRON)
    entries = crontab(text)

    assert all(is_cron(fields) for fields, _ in entries)
    assert [" ".join(fields[:2]) for fields, _ in entries] == ["30 6", "30 7", "0 20", "0 21"]
    assert "CRON_TZ=UTC\n" in text
    assert text.isascii() is False, "the folder's name is there as it is"


def test_cron_runs_the_night_and_waits_while_the_ledger_is_held(tmp_path: Path, program: Path) -> None:
    """The shell gives the program the very folder; 75 is tried again after a pause, anything else is not."""
    (_, command), *_ = crontab(units(Timer.CRON, program))
    start(["/bin/sh", "-c", cron_reads(command)], tmp_path, [75, 75, 5, 0])

    assert (tmp_path / "words").read_text("utf-8").splitlines() == [
        "/home/you/.aicaller-key", "0077", "nightly", str(FOLDER)
    ]  # fmt: skip
    assert (tmp_path / "paused").read_text().split() == ["60", "300"]
    assert (tmp_path / "codes").read_text() == "0\n"


def workflow(folder: Path = FOLDER) -> Any:
    """Read the printed workflow as YAML; its key `on` is a true, as YAML 1.1 has it."""
    return yaml.safe_load(units(Timer.GITHUB_ACTIONS, folder=folder))


def step(name: str) -> list[str]:
    """Return the command line that a runner makes of the named step's script."""
    (found,) = [each for each in workflow()["jobs"]["nightly"]["steps"] if each.get("name") == name]
    return ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]]


def test_the_workflow_is_scheduled_alone_and_pinned() -> None:
    """UTC lines for each clock, one night at a time, nothing cancelled, every action at one commit, short keeping."""
    read = workflow()
    job = read["jobs"]["nightly"]
    used = [each["uses"] for each in job["steps"] if "uses" in each]

    assert [each["cron"].split()[1] for each in read[True]["schedule"]] == ["6", "7", "20", "21"]
    assert all(is_cron(each["cron"].split()) for each in read[True]["schedule"])
    assert read["concurrency"] == {"group": "dialer-nightly", "cancel-in-progress": False}
    assert read["permissions"] == {"contents": "read"}
    assert len(used) == 3
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", each) for each in used)
    assert job["steps"][-1]["with"]["retention-days"] <= 7


def test_the_workflow_installs_a_pinned_set_with_the_driver_of_postgresql() -> None:
    """The set is a file of the checkout, and holds the driver that the ledger of a runner needs."""
    (name,) = re.findall(r"--require-hashes -r (\S+)", units(Timer.GITHUB_ACTIONS))
    assert re.search(r"^psycopg==", (ROOT / name).read_text("utf-8"), re.MULTILINE)


def test_the_workflows_folder_counts_from_the_repository() -> None:
    """A runner has no folder of this machine: the name is looked for in the checkout, a relative path as it is."""
    assert workflow(Path("/srv/campaigns"))["jobs"]["nightly"]["env"] == {"DIALER_FOLDER": "campaigns"}
    assert workflow(Path("eu/campaigns"))["jobs"]["nightly"]["env"] == {"DIALER_FOLDER": "eu/campaigns"}


@pytest.mark.parametrize(
    ("ledger", "code"),
    [("postgresql://db.example.com/calls", 0), ("", 2), ("ledger.db", 2), ("sqlite:////data/ledger.db", 2)],
)
def test_the_workflow_refuses_a_ledger_that_would_be_forgotten(tmp_path: Path, ledger: str, code: int) -> None:
    """On a runner without a disk only a database elsewhere knows tomorrow who was called."""
    assert start(step("Refuse a ledger that would be forgotten"), tmp_path, [], DIALER_LEDGER=ledger) == code


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (3, 0), (1, 1), (2, 2), (4, 4), (5, 5), (75, 75)])
def test_the_workflow_fails_where_somebody_has_to_look(tmp_path: Path, program: Path, code: int, ends: int) -> None:
    """Rows to mend are a warning; unknown calls, an early stop and a held ledger are failures."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "dialer").symlink_to(program)

    assert start(step("The night"), tmp_path, [code], DIALER_FOLDER=TRICKY) == ends
    assert (tmp_path / "words").read_text("utf-8").splitlines()[1:] == ["0077", "nightly", TRICKY]


def airflow_value(text: str, name: str) -> Any:
    """Return what *name* is in the DAG's file, without Airflow: of the module only values and functions are made."""
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if isinstance(node, ast.Assign | ast.FunctionDef)]
    values: dict[str, Any] = {"json": json, "subprocess": subprocess, "task": lambda **_: lambda function: function}
    exec(compile(tree, "dag.py", "exec"), values)  # noqa: S102 - the text is the one under test
    return values[name]


def test_airflow_has_a_dag_for_each_time_in_its_zone() -> None:
    """The ids differ, the zones are the campaigns', missed nights do not pile up, no task is tried again."""
    text = units(Timer.AIRFLOW)
    nights = airflow_value(text, "NIGHTS")

    assert [night[1:] for night in nights] == [
        ("30 2 * * *", "America/New_York"),
        ("0 22 * * *", "Europe/Berlin"),
    ]
    assert len({night[0] for night in nights}) == 2
    for told in ("catchup=False", "max_active_runs=1", "max_active_tis_per_dagrun=AT_ONCE", "skip_on_exit_code=75"):
        assert text.count(told) == 1
    assert re.findall(r"\bretries=(\d+)", text) == ["0", "0"]


class _Airflow:
    """Stands for everything that the file imports: what it makes is noted, by the name that it is called by."""

    def __init__(self, name: str, made: list[tuple[str, dict[Any, Any]]]) -> None:
        self.name = name
        self.made = made

    def __getattr__(self, name: str) -> "_Airflow":
        return _Airflow(name, self.made)

    def __call__(self, *words: Any, **named: Any) -> "_Airflow":
        if callable(next(iter(words), None)):  # a decorated function
            return _Airflow(words[0].__name__, self.made)
        self.made.append((self.name, named | dict(enumerate(words))))
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


def _made(text: str) -> list[tuple[str, dict[Any, Any]]]:
    """Run the whole file, and return what it makes of the parts of Airflow."""
    made: list[tuple[str, dict[Any, Any]]] = []

    def load(name: str, _globals: Any, _locals: Any, parts: Sequence[str], _level: int) -> Any:
        return _Airflow(name, made) if name.startswith("airflow") else __import__(name, fromlist=parts)

    exec(compile(text, "dag.py", "exec"), {"__builtins__": {**vars(builtins), "__import__": load}, "__name__": "dag"})  # noqa: S102 - the text is the one under test
    return made


@pytest.mark.slow
@settings(max_examples=30)
@given(FOLDERS, NIGHTS)
def test_airflow_is_given_one_mapped_task_for_each_campaign_of_any_folder(
    folder: Path, nights: list[NightTime]
) -> None:
    """The file is Python whatever folder and program are called: a DAG for each night, a task mapped over the list."""
    program = folder / "dialer"
    text = timer_units(Timer.AIRFLOW, folder=folder, times=nights, command=str(program), now=NOW)
    made = _made(text)
    dags = [named for name, named in made if name == "DAG"]
    schedules = [(named[0], named["timezone"]) for name, named in made if name == "CronTriggerTimetable"]
    mapped = [named["env"] for name, named in made if name == "expand"]

    assert schedules == [(f"{night.at.minute} {night.at.hour} * * *", night.zone) for night in sorted(set(nights))]
    assert len({dag["dag_id"] for dag in dags}) == len(dags) == len(mapped) == len(schedules)
    assert {each.name for each in mapped} == {"campaigns"}
    assert airflow_value(text, "LIST") == [str(program), "nightly", str(folder), "--list", "--json"]


@pytest.mark.slow
def test_airflow_maps_a_task_over_the_files_that_have_a_night(tmp_path: Path) -> None:
    """The DAG's own function asks the program, so a new campaign is there at once; what goes wrong fails the task."""
    program = tmp_path / TRICKY
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m dialer "$@"\n', "utf-8")
    program.chmod(0o755)
    folder = Folder(tmp_path)
    for name, tables in (("spring", EVERY_NIGHT), (TRICKY, EVERY_NIGHT), ("off", ANY_HOUR)):
        folder.campaign(name, [], tables)
    campaigns = airflow_value(units(Timer.AIRFLOW, program, folder.path), "campaigns")

    assert campaigns() == [{"CAMPAIGN": str(folder.path / f"{name}.toml")} for name in (TRICKY, "spring")]
    program.write_text("#!/bin/sh\necho no campaign is enabled; exit 2\n", "utf-8")
    with pytest.raises(RuntimeError, match="no campaign is enabled"):
        campaigns()


@pytest.mark.parametrize(("codes", "ends"), [([0], 0), ([3], 0), ([4], 4), ([5], 5), ([75, 75, 3], 0), ([75] * 7, 75)])
def test_airflow_runs_the_night_and_skips_only_what_stays_held(
    tmp_path: Path, program: Path, codes: list[int], ends: int
) -> None:
    """Unknown calls and an early stop fail the task, rows to mend do not, 75 comes out only after every pause."""
    command = airflow_value(units(Timer.AIRFLOW, program), "NIGHT")

    assert not re.search(r"\{[{%#]", command), "Jinja would read it"
    assert start(["bash", "-c", command], tmp_path, codes, CAMPAIGN=str(FOLDER)) == ends
    assert (tmp_path / "words").read_text("utf-8").splitlines()[-1] == str(FOLDER)
