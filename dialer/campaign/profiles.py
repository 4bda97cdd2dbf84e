"""The accounts at the API that campaigns share: `[profiles.NAME]` of `dialer.toml`, which lies beside them.

A profile names where its key is, and never holds it.
"""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from dialer.calls.endpoint import safe_address
from dialer.campaign.problems import explain
from dialer.campaign.tables import CampaignTable, FilePath, Text
from dialer.campaign.toml_file import read_toml
from dialer.campaign.values import NAME, SCHEMA_NAME, VARIABLE
from dialer.errors import CampaignError

PROFILES_FILE = "dialer.toml"

_SECRETS = frozenset({"api_key", "key", "password", "secret", "token"})
_KEY_PLACES = ("api_key_env", "api_key_file", "keyring")
_NO_PASSWORD = "holds a password. Leave it out: ~/.pgpass and PGPASSWORD tell it to the driver"  # noqa: S105 - no password


_NEVER_TOLD = ConfigDict(hide_input_in_errors=True)
"""What stands in the file by mistake may be a secret: not even a traceback repeats it."""


def _without_password(location: str) -> str:
    if not re.match(r"[a-z][a-z0-9+]+://", location, re.IGNORECASE):
        return location
    try:
        parts = urlsplit(location)
        has_password = parts.password is not None
    except ValueError:
        raise ValueError("is not an address such as postgresql://user@host/database") from None
    if has_password or any(name == "password" for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        raise ValueError(_NO_PASSWORD)
    return location


class ProfileTable(CampaignTable):
    """`[profiles.NAME]`: one key of the API, with all that goes with it.

    The key is in the environment variable `api_key_env`, in `api_key_file`, or in the system's keyring under the user
    name `keyring`. `requests_per_second` is what the API allows the key. `ledger_schema` is the schema, of the ledger's
    PostgreSQL database, that holds the tables.
    """

    model_config = _NEVER_TOLD

    api_key_env: Annotated[str, Field(pattern=VARIABLE)] | None = None
    api_key_file: FilePath | None = None
    keyring: Text | None = None
    base_url: Annotated[str, AfterValidator(safe_address)] | None = None
    team_id: Text | None = None
    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] | None = None
    ledger: Annotated[Text, AfterValidator(_without_password)] | None = None
    ledger_schema: Annotated[str, Field(pattern=SCHEMA_NAME)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _holds_no_secret(cls, content: Any) -> Any:
        if isinstance(content, dict) and (found := sorted(_SECRETS & content.keys())):
            raise ValueError(f"{found[0]}: no secret stands in this file. Name where it is: {', '.join(_KEY_PLACES)}")
        return content

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        given = [name for name in _KEY_PLACES if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} each name a place of the key. Keep one of them")
        return self


class ProfilesFile(CampaignTable):
    """The whole of `dialer.toml`."""

    model_config = _NEVER_TOLD

    profiles: dict[Text, ProfileTable] = Field(default_factory=dict)

    @field_validator("profiles")
    @classmethod
    def _names_are_plain(cls, value: dict[str, ProfileTable]) -> dict[str, ProfileTable]:
        for name in value:
            if not re.fullmatch(NAME, name):
                raise ValueError("a name has letters A to Z, digits, dots, dashes and underscores, 100 at most")
        return value


@dataclass(frozen=True)
class Profile:
    """A profile that a campaign names: its *name*, its *keys*, and the *file* that says them."""

    name: str
    keys: ProfileTable
    file: Path

    def resolve(self, path: Path) -> Path:
        """Return a path of the profile as seen from its file."""
        return self.file.parent / path.expanduser()


def find_profile(value: Any, info: ValidationInfo) -> Any:
    """Return the profile that the campaign file of *info* names as *value*.

    Raises `CampaignError` for a `dialer.toml` that cannot be read, `ValueError` for a profile that is not in it.
    """
    if value is None or isinstance(value, Profile):
        return value
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")  # noqa: TRY004 - pydantic collects ValueErrors only
    file = info.data["path"].parent / PROFILES_FILE
    found = load_profiles(file)
    if value not in found:
        near = difflib.get_close_matches(value, found, 1, 0.5)
        known = f"The nearest is {near[0]}." if near else f"There are: {', '.join(sorted(found)) or 'none'}."
        raise ValueError(f"{file} has no [profiles.{value}]. {known}")
    return found[value]


def load_profiles(file: Path) -> dict[str, Profile]:
    """Read the profiles of *file* by their names; none where there is no such file.

    Raises `CampaignError` naming the file and, for each wrong key, the key and the nearest right name.
    """
    try:
        tables = ProfilesFile.model_validate(read_toml(file)).profiles
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        raise CampaignError(explain(error, ProfilesFile, file)) from error
    return {name: Profile(name, keys, file) for name, keys in tables.items()}
