"""What a ledger's address may be: a path as people write it, or a URL of a database that is known."""

import os
import traceback
from contextlib import chdir
from pathlib import Path

import pytest

from dialer.errors import LedgerUnusable
from dialer.ledger.database.address import ledger_url
from dialer.ledger.database.open import Ledger


@pytest.mark.parametrize(
    "url",
    [
        "nonsense://",
        "://",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///ledger.db?mode=ro",
        "sqlite://home/me/ledger.db",
        "sqlite+aiosqlite:///ledger.db",
        "sqlite:ledger.db",
        "file:ledger.db",
        "file::memory:?cache=shared",
        "postgresql:dialer",
        "postgresql://user:canary@host:port/name",
        "postgresql+asyncpg://user:canary@host/name",
        "oracle+nothing://host/name",
        "mysql://user:canary@host/name",
        "mysql+pymysql://host/name",
        "https://example.com/ledger.db",
        "s3://bucket/ledger.db",
        ":memory:",
        " :memory: ",
        "",
        " ",
        "folder/",
        "ledger\n.db",
        "C:\\Users\\me\\ledger.db",
        "C:ledger.db",
        "D:/ledger.db",
        "\\\\server\\share\\ledger.db",
        ".dialer\\ledger.db",
        "~nobody-of-this-name/ledger.db",
    ],
)
def test_nonsense_address_is_refused(url: str, tmp_path: Path) -> None:
    """A URL that is none, that keeps nothing, or of another kind of database is refused; no file is made."""
    with chdir(tmp_path), pytest.raises(LedgerUnusable) as refused:
        Ledger.open(url)
    assert "canary" not in "".join(traceback.format_exception(refused.value))
    assert list(tmp_path.iterdir()) == []


def test_path_is_taken_as_people_mean_it(tmp_path: Path) -> None:
    """The folder one stands in, and one's home, are where every other program would look."""
    os.environ["HOME"] = str(tmp_path / "home")
    with chdir(tmp_path):
        for text in ("ledger.db", "./ledger.db", "sqlite:///ledger.db", f"sqlite:///{tmp_path}/ledger.db"):
            assert ledger_url(text).database == str(tmp_path / "ledger.db")
        for home in ("~/ledger.db", "sqlite:///~/ledger.db", Path("~/ledger.db")):
            assert ledger_url(home).database == str(tmp_path / "home/ledger.db")
        assert ledger_url("./a:b.db").database == str(tmp_path / "a:b.db")


def test_plain_postgresql_url_means_the_installed_driver() -> None:
    """A URL as every manual writes it works with the driver that the package asks for."""
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        assert ledger_url(f"{scheme}://host/name").drivername == "postgresql+psycopg"
