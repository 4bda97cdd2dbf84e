"""What the environment says: the API's key and address, default ids, where the ledger is. Secrets stay wrapped."""

import shlex
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from dialer.calls.endpoint import safe_address
from dialer.errors import SettingsError
from dialer.words import trouble

KEYRING_SERVICE = "dialer"
KEYRING_USER = "aicaller"
LONGEST_KEY = 10_000


class KeyNames(NamedTuple):
    """What messages call the places of an API key, None for one that is not looked at; and its user in the keyring."""

    variable: str | None = "AICALLER_API_KEY"
    file: str | None = "AICALLER_API_KEY_FILE"
    keyring_user: str | None = KEYRING_USER


class Settings(BaseSettings):
    """The environment variables `dialer` reads; every one is optional until a command needs it, an empty one is unset.

    Construct it with `read_settings`. `str()` and `repr()` never show the key.
    """

    model_config = SettingsConfigDict(
        env_prefix="", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    api_key: SecretStr | None = Field(None, validation_alias="AICALLER_API_KEY")
    api_key_file: Path | None = Field(None, validation_alias="AICALLER_API_KEY_FILE")
    base_url: Annotated[str, AfterValidator(safe_address)] = Field(
        "https://api.aicaller.io", validation_alias="AICALLER_BASE_URL"
    )
    team_id: str | None = Field(None, validation_alias="AICALLER_TEAM_ID")
    call_template_id: str | None = Field(None, validation_alias="AICALLER_CALL_TEMPLATE_ID")
    ledger: str | None = Field(None, validation_alias="DIALER_LEDGER")
    notify: SecretStr | None = Field(None, validation_alias="DIALER_NOTIFY")

    @property
    def key_source(self) -> str:
        """Where `require_key` takes the key from, in words."""
        variable, file, keyring_user = self._key_names()
        if self.api_key_file is not None and self.api_key is None:
            return f"{self.api_key_file}, the file that {file} names"
        if keyring_user is None or self.api_key is not None:
            return str(variable)
        keyring = f"the system's keyring ({_keyring_command(keyring_user)})"
        return keyring if variable is None else f"{keyring} or {variable}"

    def _key_names(self) -> KeyNames:
        return KeyNames()

    def require_key(self) -> SecretStr:
        """Return the API key: from the environment, else from the key file, else from the system's keyring.

        Raises `SettingsError` when there is none, when the file is readable by others, or when the key could
        not stand in an HTTP header.
        """
        key = self.api_key or self._key_from_file() or _key_from_keyring(self._key_names().keyring_user)
        if key is None or not key.get_secret_value().strip():
            raise SettingsError(self._no_key())
        text = key.get_secret_value().strip()
        if not (text.isascii() and text.isprintable()) or " " in text:
            raise SettingsError("The API key holds characters that a key cannot have. Copy it again.")
        return SecretStr(text)

    def _no_key(self) -> str:
        return (
            "No API key. Set AICALLER_API_KEY, or AICALLER_API_KEY_FILE to a file only you can read,"
            " or rehearse without one: --sandbox."
        )

    def _key_from_file(self) -> SecretStr | None:
        if self.api_key_file is None:
            return None
        name = self._key_names().file
        path = self.api_key_file.absolute()
        try:
            if path.is_file() and path.stat().st_mode & 0o077:
                raise SettingsError(
                    f"{path}: others can read this key file. Run: {shlex.join(['chmod', '600', str(path)])}"
                )
            with path.open(encoding="utf-8") as file:  # it may be a pipe or, by mistake, a device without an end
                key = file.read(LONGEST_KEY).strip()
        except OSError as error:
            raise SettingsError(f"{path}: the key file of {name} cannot be read: {trouble(error)}.") from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"{path}: the key file of {name} cannot be read: it is no text.") from error
        if not key:
            raise SettingsError(f"{path}: the key file of {name} is empty. Write the key into it.")
        return SecretStr(key)


def _key_from_keyring(user: str | None) -> SecretStr | None:
    if user is None:
        return None
    try:
        import keyring  # noqa: PLC0415 - an extra
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        return None
    try:
        key = keyring.get_password(KEYRING_SERVICE, user)
    except KeyringError:
        return None
    return SecretStr(key) if key else None


class ProfileSettings(Settings):
    """The settings of a campaign whose *profile* says where its key is."""

    profile: str
    key_names: KeyNames

    def _key_names(self) -> KeyNames:
        return self.key_names

    def _no_key(self) -> str:
        variable, _, user = self.key_names
        remedy = f"Set {variable}" if user is None else f"Run: {_keyring_command(user)}"
        return f"No API key of [profiles.{self.profile}]. {remedy}, or rehearse without one: --sandbox."


def _keyring_command(user: str) -> str:
    return shlex.join(["keyring", "set", KEYRING_SERVICE, user])


def read_settings() -> Settings:
    """Read the environment. Raises `SettingsError` naming the variables that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        lines = (
            f"{'.'.join(map(str, problem['loc']))} {problem['msg'].removeprefix('Value error, ')}."
            for problem in problems
        )
        raise SettingsError("\n".join(lines)) from None
