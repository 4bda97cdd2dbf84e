"""Where a sheet is that lies in no file: a database, the web, an object store, standard input. Pure.

`${NAME}` in an address stands for an environment variable, so that no secret has to be in a campaign file, and what
people are shown is the address before it is filled in.
"""

import os.path
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NewType
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from dialer.errors import SettingsError

Address = NewType("Address", str)
"""An address that `read_source` has found sound."""

STANDARD_INPUT = Address("-")

SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})
DATABASES = frozenset({"postgresql", "postgres", "postgresql+psycopg"}) | SQLITE
WEB = frozenset({"https", "http"})
OBJECT_STORES = frozenset({"s3", "gs"})

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PATTERN = re.compile(r"[*?\[]")
_KNOWN = "https://, http://, s3://, gs://, postgresql:// or sqlite:///"


def read_source(value: Any) -> Path | Address:
    r"""Return the `Path` or the `Address` that a text names.

    Raises `ValueError` for what is no text, an address of another kind, a password in it, and an invisible character: a
    tab or a line end was \t or \n of a Windows path in double quotation marks.
    """
    if isinstance(value, Path):
        return value
    if not isinstance(value, str):
        raise ValueError("must be a path or an address in quotes")  # noqa: TRY004 - pydantic collects ValueErrors only
    if not value.isprintable():
        raise ValueError(r"holds an invisible character; write / for each \ of a path")
    if "${" in _VARIABLE.sub("", value) and _SCHEME.match(value):
        raise ValueError("holds ${ that begins no variable; write ${NAME}, of letters, digits and _")
    if value == STANDARD_INPUT or _VARIABLE.fullmatch(value):
        return Address(value)
    if not _SCHEME.match(value):
        return Path(value)
    scheme = scheme_of(value)
    if scheme not in DATABASES | WEB | OBJECT_STORES:
        raise ValueError(f"{scheme}:// is no address of a sheet; write {_KNOWN}, or a path")
    _refuse_wrong(scheme, _split(value))
    return Address(value)


def _refuse_wrong(scheme: str, parts: SplitResult) -> None:
    options = parse_qs(parts.query)
    secrets = [parts.password or "", *options.get("password", []), *options.get("sslpassword", [])]
    if any(_VARIABLE.sub("", secret) for secret in secrets):
        raise ValueError("holds a password; write ${NAME} in its place, and set that environment variable to it")
    if scheme in SQLITE and (not parts.path.strip("/") or parts.netloc or parts.query):
        raise ValueError("names no file of SQLite; write sqlite:///people.db, or sqlite:////home/me/people.db")
    if not (parts.netloc or scheme in DATABASES):
        raise ValueError(f"names no {'bucket' if scheme in OBJECT_STORES else 'host'}")
    if scheme in OBJECT_STORES and _PATTERN.search(f"{parts.path}?{parts.query}" if parts.query else parts.path):
        raise ValueError("holds a pattern, which is for files of this machine; name one object")
    if parts.hostname == "docs.google.com" and "/edit" in parts.path:
        raise ValueError(
            "is a page for editing; choose File, Share, Publish to web, CSV, and write the address that is shown"
        )


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address: its host or its port cannot be read") from None
    return parts


def scheme_of(address: str) -> str:
    """Return the scheme in small letters; "" of standard input, and of an address that is a variable as a whole."""
    found = _SCHEME.match(address)
    return "" if found is None else found[1].lower()


def may_be_database(address: Address) -> bool:
    """Return whether a query may belong to the address: it is a database's, or a variable that may hold one."""
    return scheme_of(address) in DATABASES or (address != STANDARD_INPUT and not scheme_of(address))


def sqlite_file(address: str) -> Path | None:
    """Return the path of an SQLite database, as it is written; None of any other address."""
    return Path(address.partition(":///")[2]) if scheme_of(address) in SQLITE else None


def seen_from(folder: Path, address: str) -> Address:
    """Return the address with the path of an SQLite database beginning at *folder*, and any other as it is."""
    file = sqlite_file(address)
    return Address(address if file is None else f"sqlite:///{os.path.normpath(folder / file)}")


def shown(address: Address) -> str:
    """Return the address for people: without user and password, without what stands behind its path."""
    if address == STANDARD_INPUT:
        return "standard input"
    if not scheme_of(address):
        return address
    parts = _split(address)
    return f"{scheme_of(address)}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def filled(address: Address, environment: Mapping[str, str]) -> str:
    """Return the address with each `${NAME}` replaced by that variable, written as a part of an address has to be.

    One that is a variable as a whole is its value as it stands. Raises `SettingsError` naming a variable that is not
    set, or that holds no address.
    """

    def value_of(found: re.Match[str]) -> str:
        if not environment.get(found[1]):
            raise SettingsError(f"{shown(address)}: the environment lacks {found[1]}. Set the variable.")
        return environment[found[1]]

    whole = _VARIABLE.fullmatch(address)
    if whole is None:
        is_plain = scheme_of(address) in OBJECT_STORES | SQLITE  # where % is a character as any other
        return _VARIABLE.sub(lambda found: value_of(found) if is_plain else quote(value_of(found), safe=""), address)
    text = value_of(whole).strip()
    try:
        _split(text)
    except ValueError:
        text = ""
    if scheme_of(text) not in DATABASES | WEB | OBJECT_STORES:
        raise SettingsError(f"{address}: {whole[1]} holds no address of a sheet. Set it to {_KNOWN}.") from None
    return text
