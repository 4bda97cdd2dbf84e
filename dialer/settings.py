"""What the environment says: the API's key and address, default ids, where the ledger is. Secrets stay wrapped."""

import re
import shlex
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from dialer.calls.endpoint import is_loopback
from dialer.errors import SettingsError
from dialer.words import trouble

KEYRING_SERVICE = "dialer"
KEYRING_USER = "aicaller"
LONGEST_KEY = 10_000


def _safe_address(value: str) -> str:
    value = value.strip()
    try:
        parts, port = urlsplit(value), urlsplit(value).port
    except ValueError:
        raise ValueError("is not an address such as https://api.aicaller.io") from None
    if port == 0 or any(char.isspace() or not char.isprintable() for char in value):
        raise ValueError("holds a port or a character that no address has")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not an address such as https://api.aicaller.io")
    if parts.scheme == "http" and not is_loopback(value):
        raise ValueError("must start with https: the key and people's numbers would travel in clear")
    if parts.username or parts.password or "?" in value or "#" in value:
        raise ValueError("must hold no user, password, query or fragment")
    if re.search(r"/(?:v1|phoneCalls)/*$", parts.path, re.IGNORECASE):
        raise ValueError("must end before /v1, which every request adds, as in https://api.aicaller.io")
    return value.rstrip("/")


class Settings(BaseSettings):
    """The environment variables `dialer` reads; every one is optional until a command needs it, an empty one is unset.

    Construct it with `read_settings`. `str()` and `repr()` never show the key.
    """

    model_config = SettingsConfigDict(
        env_prefix="", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    api_key: SecretStr | None = Field(None, validation_alias="AICALLER_API_KEY")
    api_key_file: Path | None = Field(None, validation_alias="AICALLER_API_KEY_FILE")
    base_url: Annotated[str, AfterValidator(_safe_address)] = Field(
        "https://api.aicaller.io", validation_alias="AICALLER_BASE_URL"
    )
    team_id: str | None = Field(None, validation_alias="AICALLER_TEAM_ID")
    call_template_id: str | None = Field(None, validation_alias="AICALLER_CALL_TEMPLATE_ID")
    ledger: str | None = Field(None, validation_alias="DIALER_LEDGER")
    notify: SecretStr | None = Field(None, validation_alias="DIALER_NOTIFY")

    @property
    def key_source(self) -> str:
        """Where `require_key` takes the key from, in words."""
        if self.api_key is not None:
            return "AICALLER_API_KEY"
        if self.api_key_file is not None:
            return f"{self.api_key_file}, the file that AICALLER_API_KEY_FILE names"
        return f"the system's keyring (keyring set {KEYRING_SERVICE} {KEYRING_USER}) or AICALLER_API_KEY"

    def require_key(self) -> SecretStr:
        """Return the API key: from the environment, else from the key file, else from the system's keyring.

        Raises `SettingsError` when there is none, when the file is readable by others, or when the key could
        not stand in an HTTP header.
        """
        key = self.api_key or self._key_from_file() or _key_from_keyring()
        if key is None or not key.get_secret_value().strip():
            raise SettingsError(
                "No API key. Set AICALLER_API_KEY, or AICALLER_API_KEY_FILE to a file only you can read,"
                " or rehearse without one: --sandbox."
            )
        text = key.get_secret_value().strip()
        if not (text.isascii() and text.isprintable()) or " " in text:
            raise SettingsError("The API key holds characters that a key cannot have. Copy it again.")
        return SecretStr(text)

    def _key_from_file(self) -> SecretStr | None:
        if self.api_key_file is None:
            return None
        path = self.api_key_file.absolute()
        try:
            if path.is_file() and path.stat().st_mode & 0o077:
                raise SettingsError(
                    f"{path}: others can read this key file. Run: {shlex.join(['chmod', '600', str(path)])}"
                )
            with path.open(encoding="utf-8") as file:  # it may be a pipe or, by mistake, a device without an end
                key = file.read(LONGEST_KEY).strip()
        except OSError as error:
            raise SettingsError(
                f"{path}: the key file of AICALLER_API_KEY_FILE cannot be read: {trouble(error)}."
            ) from error
        except UnicodeDecodeError as error:
            raise SettingsError(
                f"{path}: the key file of AICALLER_API_KEY_FILE cannot be read: it is no text."
            ) from error
        if not key:
            raise SettingsError(f"{path}: the key file of AICALLER_API_KEY_FILE is empty. Write the key into it.")
        return SecretStr(key)


def _key_from_keyring() -> SecretStr | None:
    try:
        import keyring  # noqa: PLC0415 - an extra
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        return None
    try:
        key = keyring.get_password(KEYRING_SERVICE, KEYRING_USER)
    except KeyringError:
        return None
    return SecretStr(key) if key else None


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
