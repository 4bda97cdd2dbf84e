"""Fills the template of a timer: the text to print, with what goes into which file and how to activate it. Pure."""

import hashlib
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from string import Template

from dialer.errors import UsageError
from dialer.nightly.timers.quoting import (
    cron_command,
    jinja_free,
    kubernetes_argument,
    refuse_unwritable,
    systemd_argument,
    systemd_program,
    systemd_word,
    workflow_string,
)
from dialer.nightly.timers.starts import NightTime, starts_in_utc, starts_in_zone

_PAUSES_S = "60 300 600 1200 1800 3600 3600"
"""How long a start that found the ledger held waits before each further try, in seconds: about three hours in all."""

_NAME_LENGTH = 40
"""How much of a folder's name goes into the name of a unit, in characters: a file name has room for 255 bytes."""

_CRONJOB_NAME_LENGTH = 52
"""The longest name of a CronJob: its Jobs' names, of at most 63 characters, add 11 (kubernetes.io, CronJob)."""


class Timer(StrEnum):
    """What can start a night, as `--print` spells it."""

    SYSTEMD = "systemd"
    CRON = "cron"
    GITHUB_ACTIONS = "github-actions"
    AIRFLOW = "airflow"
    KUBERNETES = "kubernetes"


@dataclass(frozen=True)
class _Plan:
    """What the units of every timer are made of; *nights* are sorted, each once."""

    folder: Path
    nights: Sequence[NightTime]
    command: str
    now: datetime


class _Template(Template):
    """A template whose fields are `^{name}`: `$`, `%`, `@` and `{` belong to the formats themselves."""

    delimiter = "^"


def timer_units(timer: Timer, *, folder: Path, times: Sequence[NightTime], command: str, now: datetime) -> str:
    """Return the unit that starts the nights of *folder* at *times*, as text to print, ending with a line break.

    *folder* is absolute; for GitHub Actions, whose runners have a checkout of their own, its name or a relative path
    counts from the repository's root, and for Kubernetes from the volume. *command* is the path of the `dialer`
    program, absolute or found by the timer's PATH: one word, quoted here; a container has its own. *now* is aware;
    clock changes are looked up in the year after it.

    Raises `UsageError` when there is no time, or when a path holds a character that a unit cannot hold, and
    `zoneinfo.ZoneInfoNotFoundError` for a zone that is none.
    """
    for path in (str(folder), command):
        refuse_unwritable(path)
    nights = sorted(set(times))
    if not nights:
        raise UsageError(f"{folder}: no campaign here has a time for its night. Set enabled and at under [nightly].")
    return _RENDERERS[timer](_Plan(folder, nights, command, now))


def _fill(template: str, **values: str) -> str:
    text = files(__package__).joinpath(f"{template}.txt").read_text("utf-8")
    return _Template(text).substitute(values)


def _name(plan: _Plan, night: NightTime | None = None, *, longest: int = 255) -> str:
    """Name a unit after the folder and its *night*: readable, only letters, digits and `-`, one for each pair."""
    parts = [plan.folder.name[:_NAME_LENGTH], *([] if night is None else [f"{night.at:%H%M}", night.zone])]
    digest = hashlib.sha256(f"{plan.folder}\n{night or ''}".encode()).hexdigest()[:6]
    words = (re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-") for word in parts)
    readable = "-".join(["dialer", *filter(None, words)])[: longest - len(digest) - 1]
    return f"{readable.rstrip('-')}-{digest}"


def _systemd(plan: _Plan) -> str:
    # Each time has units of its own: a timer that finds its service still running does not start it, and forgets.
    return "\n".join(_systemd_night(plan, night) for night in plan.nights)


def _systemd_night(plan: _Plan, night: NightTime) -> str:
    starts = starts_in_zone(night, plan.now)
    calendar = "\n".join(f"OnCalendar=*-*-* {at.isoformat('seconds')} {night.zone}" for at in starts)
    if len(starts) > 1:
        calendar = (
            f"# A clock change skips {night} on one day, which then has no such start: hence the second.\n{calendar}"
        )
    return _fill(
        Timer.SYSTEMD,
        name=_name(plan, night),
        night=str(night),
        program=systemd_program(plan.command),
        folder=systemd_argument(str(plan.folder)),
        writable=systemd_word(str(plan.folder)),
        calendar=calendar,
    )


def _nightly(plan: _Plan) -> str:
    return shlex.join([plan.command, "nightly", str(plan.folder)])


def _cron(plan: _Plan) -> str:
    command = (
        'umask 077; export AICALLER_API_KEY_FILE="${AICALLER_API_KEY_FILE:-$HOME/.aicaller-key}"; '
        f'for pause in {_PAUSES_S}; do {_nightly(plan)}; [ $? -eq 75 ] || break; sleep "$pause"; done'
    )
    lines = []
    for night in plan.nights:
        lines.append(f"# {night}:")
        lines += [f"{start.cron()} {cron_command(command)}" for start in starts_in_utc([night], plan.now)]
    return _fill(Timer.CRON, folder=str(plan.folder), lines="\n".join(lines))


def _github_actions(plan: _Plan) -> str:
    lines = []
    for night in plan.nights:
        lines.append(f"    # {night}:")
        lines += [f'    - cron: "{start.cron()}"' for start in starts_in_utc([night], plan.now)]
    return _fill(Timer.GITHUB_ACTIONS, schedule="\n".join(lines), folder=workflow_string(_elsewhere(plan)))


def _elsewhere(plan: _Plan) -> str:
    """Return the folder's place on a machine that has a copy of it: no path of this machine holds there."""
    return (plan.folder.name if plan.folder.is_absolute() else str(plan.folder)) or "."


def _airflow(plan: _Plan) -> str:
    nights = "\n".join(
        f'    ("{_name(plan, night)}", "{night.at.minute} {night.at.hour} * * *", "{night.zone}"),'
        for night in plan.nights
    )
    return _fill(
        Timer.AIRFLOW,
        name=_name(plan),
        nights=nights,
        listing=repr([plan.command, "nightly", str(plan.folder), "--list", "--json"]),
        program=repr(jinja_free(shlex.quote(plan.command))),
        pauses=_PAUSES_S,
        start_date=f"datetime.fromisoformat({plan.now.astimezone(UTC).isoformat(timespec='seconds')!r})",
    )


def _kubernetes(plan: _Plan) -> str:
    name = _name(plan)
    return _fill(
        Timer.KUBERNETES,
        name=name,
        folder=_elsewhere(plan),
        cronjobs="".join(_cronjob(plan, night, volume=name) for night in plan.nights).rstrip(),
    )


def _cronjob(plan: _Plan, night: NightTime, *, volume: str) -> str:
    """Fill the CronJob of *night*: a skipped time has a second start, since the controller has none on that day.

    One schedule holds both: where they differ in hour and minute it has two starts more, up to an hour early, and one
    that is early is still the coming night.
    """
    starts = starts_in_zone(night, plan.now)
    minutes, hours = ({start.minute for start in starts}, {start.hour for start in starts})
    return _fill(
        "kubernetes-cronjob",
        name=_name(plan, night, longest=_CRONJOB_NAME_LENGTH),
        night=str(night),
        schedule=" ".join(",".join(map(str, sorted(each))) for each in (minutes, hours)) + " * * *",
        zone=night.zone,
        pauses=_PAUSES_S,
        place=kubernetes_argument(f"/calls/{_elsewhere(plan)}"),
        volume=volume,
    )


_RENDERERS: dict[Timer, Callable[[_Plan], str]] = {
    Timer.SYSTEMD: _systemd,
    Timer.CRON: _cron,
    Timer.GITHUB_ACTIONS: _github_actions,
    Timer.AIRFLOW: _airflow,
    Timer.KUBERNETES: _kubernetes,
}
