"""Where calls are sent, and whether they can be asked about at an address. Pure."""

from typing import NamedTuple
from urllib.parse import urlsplit


class Endpoint(NamedTuple):
    """Where a run's calls went: the API's address and the template under which they are listed."""

    address: str
    call_template_id: str

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
