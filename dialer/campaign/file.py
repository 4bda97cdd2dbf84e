"""What a campaign file says: what to say, to whom, when, how fast. Reads the TOML, judges it, decides nothing else.

Every key is checked; a wrong one is answered with the file, the key and the nearest right name. Paths in the
file are relative to the file, so that the folder one stands in never changes the answer.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from dialer.campaign.budget import Budget
from dialer.campaign.problems import explain
from dialer.campaign.recurring import Nightly, Redial
from dialer.campaign.schedule_table import Schedule
from dialer.campaign.syntax import explain_syntax
from dialer.campaign.tables import Call, CampaignTable, Contacts, Limits, Report, Submit, Suppression
from dialer.campaign.values import NAME
from dialer.errors import CampaignError
from dialer.words import trouble


class Campaign(CampaignTable):
    """A whole campaign file. Construct it with `load_campaign`, or directly with the same keys."""

    name: Annotated[str, Field(pattern=NAME)]
    path: Path
    call: Call = Call()
    contacts: Contacts = Contacts()
    schedule: Schedule = Schedule()
    submit: Submit = Submit()
    limits: Limits = Limits()
    suppression: Suppression = Suppression()
    nightly: Nightly = Nightly()
    redial: Redial = Redial()
    budget: Budget = Budget()
    report: Report = Report()

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        start, end = self.schedule.start, self.schedule.end
        if end is not None and not isinstance(start, str) and end <= start:
            raise ValueError("schedule.end lies before schedule.start")
        return self

    @property
    def folder(self) -> Path:
        """The folder of the campaign file: paths in it, the ledger and the results start there."""
        return self.path.parent

    def resolve(self, path: Path) -> Path:
        """Return a path of the file as seen from the file."""
        return Path(os.path.normpath(self.folder / path))

    @property
    def sheet_path(self) -> Path:
        """The contact file. Raises `CampaignError` when neither the campaign nor the caller names one."""
        if self.contacts.file is None:
            raise CampaignError(
                f"{self.path}: [contacts] file is missing. Write the sheet's path there, or give --contacts SHEET."
            )
        return self.resolve(self.contacts.file)

    def with_contacts(self, sheet: Path) -> "Campaign":
        """Return the same campaign reading another sheet (*sheet* as seen from the current folder)."""
        contacts = self.contacts.model_copy(update={"file": sheet.absolute()})
        return self.model_copy(update={"contacts": contacts})

    def with_ids(self, *, team_id: str | None, call_template_id: str | None) -> "Campaign":
        """Return the campaign with ids it lacks taken from the environment.

        Raises `CampaignError` naming each id that the API requires and that is in neither.
        """
        call = self.call.model_copy(
            update={
                "team_id": self.call.team_id or team_id,
                "call_template_id": self.call.call_template_id or call_template_id,
            }
        )
        if missing := [key for key in ("team_id", "call_template_id") if not getattr(call, key)]:
            is_one = len(missing) == 1
            raise CampaignError(
                f"{self.path}: [call] {' and '.join(missing)} {'is' if is_one else 'are'} missing. Write"
                f" {'it' if is_one else 'them'} there, or set"
                f" {' and '.join(f'AICALLER_{key.upper()}' for key in missing)}."
            )
        return self.model_copy(update={"call": call})


_NOT_UTF_8 = "is not UTF-8 text. Save it as UTF-8."
MAX_BYTES = 1 << 20
"""The size of a campaign file: one with every key and a hundred variables has 10 KB."""


def load_campaign(path: Path | str) -> Campaign:
    """Read a campaign file.

    Raises `CampaignError` naming the file and, for each wrong key, the key and the nearest right name.
    """
    path = Path(path).absolute()
    _refuse_other_file(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise CampaignError(
            f"{path}: there is no such campaign file. Check the path, or draft one: dialer init SHEET"
        ) from error
    except OSError as error:
        raise CampaignError(f"{path}: cannot be read: {trouble(error)}.") from error
    except UnicodeDecodeError as error:
        raise CampaignError(f"{path}: {_NOT_UTF_8}") from error
    return parse_campaign(_parsed(text, path), path)


def _parsed(text: str, path: Path) -> dict[str, Any]:
    if "\0" in text:
        raise CampaignError(f"{path}: {_NOT_UTF_8}")  # UTF-16 without its mark is
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise CampaignError(f"{path}: {explain_syntax(text, error)}") from error
    except RecursionError as error:
        raise CampaignError(f"{path}: its lists or tables lie too deep in each other.") from error


def _refuse_other_file(path: Path) -> None:
    """Refuse what is no campaign file before it is opened: a pipe would be waited for, a device read without an end."""
    try:
        size = path.stat().st_size
    except OSError:
        return  # reading it says what it is
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no file"
        raise CampaignError(f"{path}: is {what}. Name the campaign's .toml file.")
    if size > MAX_BYTES:
        raise CampaignError(
            f"{path}: measures {size:,} bytes, and a campaign file at most {MAX_BYTES:,}. Name the right file."
        )


def parse_campaign(content: Mapping[str, Any], path: Path) -> Campaign:
    """Judge the parsed *content* of the campaign file *path*; `name` defaults to the file's stem.

    Raises `CampaignError` as `load_campaign` does.
    """
    if "path" in content:
        raise CampaignError(f"{path}: path: there is no such key.")
    try:
        return Campaign.model_validate({"name": path.stem, **content, "path": path})
    except ValidationError as error:
        raise CampaignError(explain(error, Campaign, path)) from error
