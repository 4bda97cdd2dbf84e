"""What a campaign file says: what to say, to whom, when, how fast. Reads the TOML, judges it, decides nothing else.

Every key is checked; a wrong one is answered with the file, the key and the nearest right name. Paths in the
file are relative to the file, so that the folder one stands in never changes the answer.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo, model_validator

from dialer.campaign.address import Address, read_source, seen_from, sqlite_file
from dialer.campaign.budget import Budget
from dialer.campaign.call_table import Call, FromNumber, refuse_unclear_pool
from dialer.campaign.problems import explain
from dialer.campaign.profiles import PROFILES_FILE, Profile, find_profile
from dialer.campaign.recurring import Nightly, Redial
from dialer.campaign.schedule_table import Schedule
from dialer.campaign.stopping import Pilot, StopWhen
from dialer.campaign.tables import CampaignTable, Contacts, Limits, Report, Submit, Suppression
from dialer.campaign.toml_file import read_toml
from dialer.campaign.values import NAME
from dialer.errors import CampaignError


def _within_profile(submit: Submit, info: ValidationInfo) -> Submit:
    """Return *submit* at the profile's rate where it says none or a higher one."""
    profile = info.data.get("profile")
    limit = None if profile is None else profile.keys.requests_per_second
    if limit is None or ("requests_per_second" in submit.model_fields_set and submit.requests_per_second <= limit):
        return submit
    return submit.model_copy(update={"requests_per_second": limit})


class Campaign(CampaignTable):
    """A whole campaign file. Construct it with `load_campaign`, or directly with the same keys."""

    name: Annotated[str, Field(pattern=NAME)]
    path: Path
    profile: Annotated[Profile | None, BeforeValidator(find_profile, json_schema_input_type=str)] = None
    call: Call = Call()
    from_numbers: tuple[FromNumber, ...] = ()
    contacts: Contacts = Contacts()
    schedule: Schedule = Schedule()
    submit: Annotated[Submit, AfterValidator(_within_profile)] = Field(Submit(), validate_default=True)
    limits: Limits = Limits()
    suppression: Suppression = Suppression()
    nightly: Nightly = Nightly()
    redial: Redial = Redial()
    pilot: Pilot = Pilot()
    stop_when: StopWhen = StopWhen()
    budget: Budget = Budget()
    report: Report = Report()

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        start, end = self.schedule.start, self.schedule.end
        if end is not None and not isinstance(start, str) and end <= start:
            raise ValueError("schedule.end lies before schedule.start")
        return self

    @model_validator(mode="after")
    def _excludes_others(self) -> Self:
        if self.name in self.contacts.exclude_campaigns:
            raise ValueError(f"contacts.exclude names {self.name}, the campaign itself")
        return self

    @model_validator(mode="after")
    def _has_one_number(self) -> Self:
        refuse_unclear_pool(self.call, self.from_numbers)
        return self

    @property
    def needs_ends(self) -> bool:
        """Whether what a run does depends on how calls have ended."""
        return self.redial.is_used or bool(self.stop_when.shares) or self.pilot.calls is not None

    @property
    def folder(self) -> Path:
        """The folder of the campaign file: paths in it, the ledger and the results start there."""
        return self.path.parent

    def resolve(self, path: Path) -> Path:
        """Return a path of the file as seen from the file."""
        return Path(os.path.normpath(self.folder / path))

    @property
    def sheet(self) -> Path | Address:
        """The contact file, or the address of one. Raises `CampaignError` when neither campaign nor caller names it."""
        file = self.contacts.file
        if file is None:
            raise CampaignError(
                f"{self.path}: [contacts] file is missing. Write the sheet's path there, or give --contacts SHEET."
            )
        return self.resolve(file) if isinstance(file, Path) else seen_from(self.folder, file)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 (hex) of all that the campaign says but its places: the sheet has a fingerprint of its own."""
        said = self.model_dump_json(exclude={"path": True, "contacts": {"file": True}})
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def files_read(self) -> list[Path]:
        """Every file that the campaign is made of; that of its sheet may be a pattern."""
        contacts = self.contacts
        sheet = sqlite_file(contacts.file) if isinstance(contacts.file, str) else contacts.file
        named = (sheet, contacts.query_file, *self.suppression.files, *contacts.exclude_files)
        return [self.path, *(self.resolve(file) for file in named if file is not None)]

    def with_contacts(self, sheet: Path | str) -> "Campaign":
        """Return the same campaign reading another *sheet*: a path as seen from the current folder, or an address.

        The query is kept for another database. Raises `CampaignError` for an address that no sheet has.
        """
        try:
            found = read_source(sheet)
            contacts = self.contacts.reading(
                found.absolute() if isinstance(found, Path) else seen_from(Path.cwd(), found)
            )
        except ValueError as error:
            raise CampaignError(f"--contacts: {error}.") from None
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


def load_campaign(path: Path | str) -> Campaign:
    """Read a campaign file.

    Raises `CampaignError` naming the file and, for each wrong key, the key and the nearest right name.
    """
    path = Path(path).absolute()
    if path.name == PROFILES_FILE:
        raise CampaignError(f"{path}: holds the profiles of the campaigns beside it. Name one of those.")
    try:
        content = read_toml(path)
    except FileNotFoundError as error:
        raise CampaignError(
            f"{path}: there is no such campaign file. Check the path, or draft one: dialer init SHEET"
        ) from error
    return parse_campaign(content, path)


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
