"""What the environment may say, where the key comes from, and that neither is ever shown."""

import os
import re
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from pydantic import SecretStr

from dialer.errors import SettingsError
from dialer.settings import KEYRING_SERVICE, KEYRING_USER, Settings, read_settings

KEY = "sk-canary-7f3a"


class MemoryKeyring(KeyringBackend):
    """A keyring that holds its passwords in memory, or is locked."""

    priority = 1.0

    def __init__(self, *, locked: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.locked = locked
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return a password."""
        if self.locked:
            raise KeyringLocked("locked")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        del self.held[service, username]


@pytest.fixture(autouse=True)
def ring() -> MemoryKeyring:
    """Return a keyring with nothing in it; no test sees the machine's own."""
    made = MemoryKeyring()
    keyring.set_keyring(made)
    return made


def key_file(folder: Path, text: str = KEY, mode: int = 0o600) -> Path:
    """Write a key file."""
    path = folder / "key"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def key_of(**variables: str) -> str:
    """Read the environment with *variables* set, and return the key."""
    os.environ.update(variables)
    return read_settings().require_key().get_secret_value()


def test_an_empty_environment_is_usable() -> None:
    """Every variable is optional until a command needs it."""
    settings = read_settings()

    assert settings.base_url == "https://api.aicaller.io"
    assert (settings.api_key, settings.team_id, settings.call_template_id, settings.ledger) == (None,) * 4


def test_every_variable_is_read() -> None:
    """The names are those promised."""
    os.environ.update(
        {
            "AICALLER_API_KEY": KEY,
            "AICALLER_API_KEY_FILE": "key",
            "AICALLER_BASE_URL": "https://api.example.com/v9/",
            "AICALLER_TEAM_ID": "team",
            "AICALLER_CALL_TEMPLATE_ID": "template",
            "DIALER_LEDGER": "ledger.db",
        }
    )
    settings = read_settings()

    assert settings.require_key() == SecretStr(KEY)
    assert settings.api_key_file == Path("key")
    assert settings.base_url == "https://api.example.com/v9"
    assert (settings.team_id, settings.call_template_id, settings.ledger) == ("team", "template", "ledger.db")


def test_an_empty_variable_is_unset() -> None:
    """`AICALLER_API_KEY_FILE=` in a service's environment means no file, not the current folder."""
    names = ("API_KEY", "API_KEY_FILE", "BASE_URL", "TEAM_ID", "CALL_TEMPLATE_ID")
    os.environ.update({f"AICALLER_{name}": "" for name in names})

    assert read_settings() == Settings()


@pytest.mark.parametrize(
    "address",
    [
        "https://api.example.com",
        "https://api.example.com:8443/base",
        "http://localhost:8000",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "HTTP://LOCALHOST:8000",
        " https://api.example.com\n",
    ],
)
def test_an_address_with_tls_or_on_this_machine_is_taken(address: str) -> None:
    """In clear only to this machine itself; white space around an address does not matter."""
    os.environ["AICALLER_BASE_URL"] = address

    assert read_settings().base_url == address.strip()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://api.example.com", "https"),
        ("http://127.0.0.1.example.com", "https"),
        ("http://localhost.example.com", "https"),
        ("http://192.168.0.1", "https"),
        ("http://0.0.0.0", "https"),
        ("http://localhost\\@example.com", "https"),
        ("http://localhost@example.com", "https"),
        ("http://example.com@localhost", "user"),
        ("https://user:secret@example.com", "user"),
        ("https://api.example.com?team=1", "query"),
        ("https://api.example.com?", "query"),
        ("https://api.example.com#part", "fragment"),
        ("https://api.example.com#", "fragment"),
        ("ftp://api.example.com", "address"),
        ("api.example.com", "address"),
        ("https://", "address"),
        ("https://api.example.com:99999", "address"),
        ("https://api.example.com:port", "address"),
        ("https://api.example.com:0", "port"),
        ("https://api.exa mple.com", "character"),
        ("https://api.example.com/\x7f", "character"),
        ("https://[::1", "address"),
        ("https://api.example.com/v1", "must end before /v1"),
        ("https://api.example.com/proxy/v1/phoneCalls/", "must end before /v1"),
    ],
)
def test_an_unsafe_or_broken_address_is_refused(address: str, reason: str) -> None:
    """The error names the variable and what is wrong; it does not repeat the address, which may hold a password."""
    os.environ["AICALLER_BASE_URL"] = address

    with pytest.raises(SettingsError, match=rf"^AICALLER_BASE_URL .*{reason}") as caught:
        read_settings()
    assert "secret" not in str(caught.value)


def test_the_key_comes_from_the_environment_then_the_file_then_the_keyring(tmp_path: Path, ring: MemoryKeyring) -> None:
    """The nearest one wins."""
    ring.set_password(KEYRING_SERVICE, KEYRING_USER, "from-the-keyring")
    assert key_of() == "from-the-keyring"

    file = key_file(tmp_path, "from-the-file\n")
    assert key_of(AICALLER_API_KEY_FILE=str(file)) == "from-the-file"
    assert key_of(AICALLER_API_KEY=" from-the-environment\n") == "from-the-environment"


@pytest.mark.parametrize("locked", [True, False])
def test_no_key_anywhere_says_where_to_put_one(locked: bool) -> None:  # noqa: FBT001 - a table's column
    """Neither an empty keyring nor a locked one is an error of its own."""
    keyring.set_keyring(MemoryKeyring(locked=locked))

    with pytest.raises(SettingsError, match=r"AICALLER_API_KEY.*--sandbox"):
        key_of()


def test_a_blank_key_is_no_key() -> None:
    """White space is not a key."""
    with pytest.raises(SettingsError, match="No API key"):
        key_of(AICALLER_API_KEY="  \n")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o666, 0o601])
def test_a_key_file_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """The error names the file and the command that mends it, not the key."""
    file = key_file(tmp_path, mode=mode)

    with pytest.raises(SettingsError, match=f"chmod 600 {re.escape(str(file))}") as caught:
        key_of(AICALLER_API_KEY_FILE=str(file))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_file_of_ones_own_is_read(tmp_path: Path, mode: int) -> None:
    """Readable by its owner alone is what is asked."""
    assert key_of(AICALLER_API_KEY_FILE=str(key_file(tmp_path, mode=mode))) == KEY


def test_a_key_file_that_cannot_be_read_is_an_error_and_not_a_missing_key(tmp_path: Path) -> None:
    """A wrong path, a folder, or bytes that are no text: each names the file."""
    binary = key_file(tmp_path)
    binary.write_bytes(b"\xff\xfe\x80")
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)

    for path in (tmp_path / "missing", folder, binary):
        with pytest.raises(SettingsError, match=f"{re.escape(str(path))}.*cannot be read"):
            key_of(AICALLER_API_KEY_FILE=str(path))


@pytest.mark.parametrize(
    "key", ["sk canary", "sk\ncanary", "sk\tcanary", "sk\x7fcanary", "sk-\u00e9", "\u201csk\u201d"]
)
def test_a_key_that_no_header_can_hold_is_refused(key: str, ring: MemoryKeyring) -> None:
    """A key with white space, control or foreign characters was copied wrongly, wherever it comes from."""
    ring.set_password(KEYRING_SERVICE, KEYRING_USER, key)

    with pytest.raises(SettingsError, match="Copy it again") as caught:
        key_of()
    assert "canary" not in str(caught.value)


def test_the_key_never_shows(tmp_path: Path) -> None:
    """Not in `repr`, `str`, a dump or JSON, and neither in the error for another variable."""
    os.environ["AICALLER_API_KEY"] = KEY
    settings = read_settings()
    shown = repr(settings) + str(settings) + str(settings.model_dump()) + settings.model_dump_json()
    os.environ["AICALLER_BASE_URL"] = f"http://{tmp_path.name}.example.com"
    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert KEY not in shown + repr(settings.require_key()) + repr(caught.value) + repr(caught.value.__cause__)


@pytest.mark.parametrize(
    ("make", "said"), [("missing", "no such file"), ("empty", "is empty"), ("folder", "is a folder")]
)
def test_what_is_wrong_with_the_key_file_is_said(tmp_path: Path, make: str, said: str) -> None:
    """A file that is not there, one without a key and a folder are three different mistakes."""
    path = tmp_path / "key"
    if make == "folder":
        path.mkdir()
    elif make == "empty":
        path.touch(mode=0o600)
    with pytest.raises(SettingsError, match=said):
        Settings(api_key_file=path).require_key()
