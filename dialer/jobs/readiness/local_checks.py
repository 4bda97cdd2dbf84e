"""The checks that ask nobody: key, ids, folder, disk, suppression lists, rules, time zones. They change nothing."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

from dialer.campaign.file import Campaign
from dialer.contacts.suppression_files import refuse_old_lists
from dialer.errors import CampaignError, SettingsError, SheetError
from dialer.jobs.locations import RESULTS_FOLDER
from dialer.jobs.readiness.finding import Finding, fine, problem, warning
from dialer.ledger.database.open import ledger_file
from dialer.schedule.rules import EXPIRE_SOON, data_versions, rules_expiring
from dialer.settings import Settings
from dialer.words import counted, trouble

LEAST_FREE_BYTES = 16 << 20
"""Less is surely not enough for the ledger and the results of a run."""

LOW_FREE_BYTES = 256 << 20
"""A ledger and results of 100,000 contacts take about this much."""

REGISTRY_AGE = timedelta(days=31)
"""How old a version of the US registry a seller may call by (16 CFR 310.4)."""

OLD_ZONES = timedelta(days=180)
"""The time zone database has several releases a year; one of a year that ended so long ago has missed some."""


def free_bytes(folder: Path) -> int:
    """Return how much room the disk of *folder* has."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True)
class Subject:
    """What is checked: a *campaign* with its *ledger*'s place and results folder, or None: the environment alone."""

    settings: Settings
    now: datetime
    campaign: Campaign | None = None
    ledger: str | Path | None = None
    results_folder: Path | None = None
    free_bytes: Callable[[Path], int] = free_bytes

    @property
    def folders(self) -> list[Path]:
        """The folders that a run writes to: the results' and, where it is a file, the ledger's."""
        results = self.results_folder or (None if self.campaign is None else self.campaign.folder / RESULTS_FOLDER)
        file = None if self.ledger is None else ledger_file(self.ledger)
        return list(dict.fromkeys(folder for folder in (results, file and file.parent) if folder is not None))


def local_findings(subject: Subject) -> list[Finding]:
    """Check everything that can be known without asking the API; the ledger is the caller's business."""
    return list(dict.fromkeys(chain.from_iterable(check(subject) for check in _CHECKS)))  # two places may be one folder


def _key(subject: Subject) -> Iterator[Finding]:
    """Say only what is wrong with the key; whether it is accepted is the API's to say."""
    try:
        subject.settings.require_key()
    except SettingsError as error:
        yield problem("key", str(error))


def _template(subject: Subject) -> Iterator[Finding]:
    if subject.campaign is None:
        return
    settings = subject.settings
    try:
        call = subject.campaign.with_ids(team_id=settings.team_id, call_template_id=settings.call_template_id).call
    except CampaignError as error:
        yield problem("template", str(error))
    else:
        yield fine("template", f"Calls say what template {call.call_template_id} of team {call.team_id} says.")


def _folder(subject: Subject) -> Iterator[Finding]:
    for folder in subject.folders:
        there = _existing(folder)
        if not there.is_dir():
            yield problem("folder", f"{there}: is a file, and a folder is needed.", "Move it away.")
        elif not os.access(there, os.W_OK | os.X_OK):
            yield problem("folder", f"{there}: you may not write there.", "Change its rights, or its owner.")
        else:
            yield fine("folder", f"{folder}: can be written to.")


def _disk(subject: Subject) -> Iterator[Finding]:
    rooms = [(subject.free_bytes(there), folder) for folder in subject.folders if (there := _existing(folder)).is_dir()]
    if not rooms:
        return
    free, folder = min(rooms)
    message = f"{folder}: {free >> 20:,} MiB are free."
    if free < LEAST_FREE_BYTES:
        yield problem("disk", message, "Make room first.")
    elif free < LOW_FREE_BYTES:
        yield warning("disk", message, "Make room: a run stops where the ledger cannot be written.")
    else:
        yield fine("disk", message)


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there already."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _suppression(subject: Subject) -> Iterator[Finding]:
    if subject.campaign is None:
        return
    suppression, now_ms = subject.campaign.suppression, round(subject.now.timestamp() * 1000)
    for file in map(subject.campaign.resolve, suppression.files):
        try:
            age = subject.now - datetime.fromtimestamp(file.stat().st_mtime, subject.now.tzinfo)
            refuse_old_lists([file], suppression.max_age, now_ms=now_ms)
        except OSError as error:
            remedy = "Put it there, or take it out of [suppression] files."
            yield problem("suppression", f"{file}: cannot be read: {trouble(error)}.", remedy)
        except SheetError as error:
            yield problem("suppression", str(error))
        else:
            yield _of_age(file, age, is_bounded=suppression.max_age is not None)
    if not suppression.files:
        yield fine("suppression", "The campaign names no list of numbers never to call; the ledger's own counts.")


def _of_age(file: Path, age: timedelta, *, is_bounded: bool) -> Finding:
    message = f"{file}: was written {counted(max(age.days, 0), 'day')} ago."
    if age > REGISTRY_AGE and not is_bounded:
        remedy = 'Load it anew, or say how old it may be: max_age = "31d" under [suppression].'
        return warning("suppression", message, remedy)
    return fine("suppression", message)


def _rules(subject: Subject) -> Iterator[Finding]:
    campaign, today = subject.campaign, subject.now.date()
    if campaign is not None and campaign.schedule.rules == "off":
        yield warning("rules", "The rules of countries and states are off: only the campaign's own hours hold.")
        return
    countries = () if campaign is None else campaign.contacts.allowed_regions
    soon = [rule for rule in rules_expiring(today, EXPIRE_SOON) if _concerns(rule.region, countries)]
    if not soon:
        yield fine("rules", f"No rule of calling hours expires within {EXPIRE_SOON.days} days.")
        return
    ends = ", ".join(
        f"{rule.region} {'expired' if rule.is_expired(today) else 'expires'} {rule.expires}" for rule in soon
    )
    remedy = "Update dialer, or read the rule's source anew (dialer rules): after that day the strictest hours hold."
    yield warning("rules", f"Rules of calling hours: {ends}.", remedy)


def _concerns(region: str, countries: tuple[str, ...]) -> bool:
    return not countries or region.partition("-")[0] in countries


def _zones(subject: Subject) -> Iterator[Finding]:
    version = data_versions()["tzdata"]
    message = f"The time zone database is of version {version}."
    year = version.split(".")[0]
    if year.isdigit() and subject.now.date() > date(int(year), 12, 31) + OLD_ZONES:
        yield warning("zones", message, "Update it, for zones change: pip install --upgrade tzdata.")
    else:
        yield fine("zones", message)


_CHECKS = (_key, _template, _folder, _disk, _suppression, _rules, _zones)
