"""Where calls are sent, and whether they can be asked about at an address. Pure."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit


class Endpoint(NamedTuple):
    """Where a run's calls went: the API's address and the template under which they are listed."""

    address: str
    call_template_id: str

    def under(self, call_template_id: str | None) -> "Endpoint":
        """Return where a call of the run went that has a template of its own; None where it has the run's."""
        return self if call_template_id is None else self._replace(call_template_id=call_template_id)

    def is_same(self, other: "Endpoint") -> bool:
        """Return whether one listing holds the calls of both: a stand-in on this machine may change its port."""
        is_there = self.address == other.address or (is_loopback(self.address) and is_loopback(other.address))
        return is_there and self.call_template_id == other.call_template_id

    def is_reached_at(self, base_url: str) -> bool:
        """Return whether calls sent there can be asked about at *base_url*: a stand-in may change its port."""
        return self.address == base_url or is_loopback(self.address)


_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def is_loopback(address: str) -> bool:
    """Return whether *address* is this machine: a stand-in, never the API that rings people."""
    return urlsplit(address).hostname in _LOOPBACK


def safe_address(value: str) -> str:
    """Return the API's address *value* without what may stand around it.

    Raises `ValueError` for one that the key and people's numbers must not be sent to.
    """
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
