"""Fetches a sheet over HTTPS: from the host that was named and no other place, so much and no more.

Whoever may write a campaign must not reach what only this machine can: a private network, the metadata of a cloud. So a
host's addresses are looked up once, all of them are judged, and the connection goes to one that was.
"""

import gzip
import logging
import socket
import ssl
import time
import zlib
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore
import httpx

from dialer.errors import SheetError
from dialer.sheets.sources.unzipped import unzipped
from dialer.tls import shared_context, tls_error, told

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 10.0, 60.0, 600.0
"""How long the server is waited for: to connect, for the next piece, for all of them."""

_TIMEOUTS = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": CONNECT_SECONDS}

MOST_REDIRECTS = 5
_OK = 200
_PLAIN, _ZIPPED = frozenset({"", "identity"}), frozenset({"gzip", "x-gzip"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WRAPPING = tuple(map(IPv6Network, ("64:ff9b::/96", "::/96")))
"""Lead to the IPv4 address in their last 32 bits (RFC 6052, RFC 4291)."""

_PRIVATE_TOO = tuple(map(ip_network, ("192.0.0.0/24", "64:ff9b:1::/48", "fec0::/10", "3fff::/20", "5f00::/16")))
"""Special-purpose networks (RFC 6890 and its registries) that not every Python knows as such."""

logging.getLogger("httpcore").setLevel(logging.WARNING)  # it logs headers below that

Resolve = Callable[[str, int], Iterable[str]]


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of *host*, as the machine would connect to them. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


class _RefusedError(Exception):
    """The sheet is not fetched, for the reason that this says."""


def pieces_of_page(
    address: str,
    allow: Collection[str],
    *,
    label: str,
    resolve: Resolve = resolve,
    seconds: float = WHOLE_SECONDS,
    context: ssl.SSLContext | None = None,
) -> Iterator[bytes]:
    """Yield what *address* answers to one GET within so many *seconds*, following redirects of the same scheme.

    *allow* may hold `http`, for an address without TLS, and `private`, for hosts of private networks. Raises
    `SheetError` naming *label* for everything else than a whole answer with status 200.
    """
    backend = _Pinned(resolve, allows_private="private" in allow, until=_Until(seconds))
    try:
        url = httpx.URL(address)
        _refuse_plain(url, allow)
        with httpcore.ConnectionPool(ssl_context=context or shared_context(), network_backend=backend) as pool:
            yield from _answer(pool, url)
    except _RefusedError as error:
        raise SheetError(f"{label}: {error}.") from None
    except (httpx.InvalidURL, UnicodeError):
        raise SheetError(f"{label}: is no web address.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise SheetError(f"{label}: cannot be unzipped: it is cut off or damaged. Try again later.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        handshake = tls_error(error)
        why = "the connection failed or was cut off" if handshake is None else told(handshake)
        why = "no answer came in time" if isinstance(error, httpcore.TimeoutException) else why
        raise SheetError(f"{label}: cannot be fetched: {why}. Check the address, or try again later.") from None


def _refuse_plain(url: httpx.URL, allow: Collection[str]) -> None:
    if url.scheme == "http" and "http" not in allow:
        raise _RefusedError('is not encrypted. Write https://, or allow = ["http"] under [contacts]')


def _answer(pool: httpcore.ConnectionPool, url: httpx.URL) -> Iterator[bytes]:
    origin, login = url.netloc, _login(url)
    asked = [(b"accept", b"*/*"), (b"accept-encoding", b"gzip"), (b"user-agent", b"dialer")]
    for _ in range(MOST_REDIRECTS + 1):
        headers = [(b"host", url.netloc), *asked]
        headers += [(b"authorization", login)] if login and url.netloc == origin else []
        place = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        with pool.stream("GET", place, headers=headers, extensions={"timeout": _TIMEOUTS}) as reply:
            told_headers = httpx.Headers(reply.headers)
            if reply.status in _REDIRECTS:
                url = _redirected(url, told_headers)
                continue
            if reply.status != _OK:
                raise _RefusedError(_told_status(reply.status))
            yield from _as_it_was(reply.iter_stream(), told_headers.get("content-encoding", "").strip().lower())
            return
    raise _RefusedError(f"redirects more than {MOST_REDIRECTS} times")


def _as_it_was(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Return *pieces* as they were before the server zipped them for the way."""
    if encoding in _PLAIN:
        return pieces
    if encoding not in _ZIPPED:
        raise _RefusedError("comes packed in another way than gzip. Let the server send it as it is")
    return unzipped(pieces)


def _login(url: httpx.URL) -> bytes:
    """Return the header of a user and password in the address (RFC 7617), if there are any."""
    pair = f"{url.username}:{url.password}"
    return b"Basic " + b64encode(pair.encode()) if url.userinfo else b""


def _redirected(url: httpx.URL, headers: httpx.Headers) -> httpx.URL:
    target = url.join(headers.get("location", ""))
    if target.scheme != url.scheme:
        raise _RefusedError(
            f"redirects from {url.scheme}:// to another kind of address. Write where the sheet is itself"
        )
    return target


def _told_status(status: int) -> str:
    if status in {401, 403}:
        return f"is refused (HTTP {status}): a login is missing or wrong, or the sheet is not published"
    return f"is not there (HTTP {status}). Check the address" if status in {404, 410} else f"answers HTTP {status}"


class _Until:
    """The moment at which the sheet has to be there, so many *seconds* from now."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def at_most(self, timeout: float | None) -> float:
        """Return the seconds left, *timeout* at most. Raises `_RefusedError` where none are."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise _RefusedError(f"takes longer than {self._seconds:.0f} seconds")
        return left if timeout is None else min(left, timeout)


class _Timed(httpcore.NetworkStream):
    """A connection that ends in time even if a byte comes now and then, in a header or in what is zipped."""

    def __init__(self, stream: httpcore.NetworkStream, until: _Until) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has arrived."""
        return self._stream.read(max_bytes, self._until.at_most(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of *buffer*."""
        self._stream.write(buffer, self._until.at_most(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the connection with TLS on it."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._until.at_most(timeout))
        stream.get_extra_info("socket").suppress_ragged_eofs = False  # what is cut off has not ended (RFC 8446, 6.1)
        return _Timed(stream, self._until)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._stream.get_extra_info(info)


class _Pinned(httpcore.SyncBackend):
    """Connects to an address that was judged, whatever the host's name leads to a moment later."""

    def __init__(self, resolve: Resolve, *, allows_private: bool, until: _Until) -> None:
        self._resolve = resolve
        self._allows_private = allows_private
        self._until = until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers."""
        try:
            addresses = list(self._resolve(host, port))
        except OSError:
            raise _RefusedError("its host is not known. Check the address, and the network") from None
        if not self._allows_private and not all(map(_is_public, addresses)):
            raise _RefusedError(
                'its host lies in a private network. If it is meant, write allow = ["private"] under [contacts]'
            )
        failed: Exception = httpcore.ConnectError()
        for address in addresses:
            try:
                left = self._until.at_most(timeout)
                return _Timed(super().connect_tcp(address, port, left, local_address, socket_options), self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


def _is_public(text: str) -> bool:
    """Return whether an IP address, and the one that it may hold for a translator, is reachable for everybody."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        wraps = any(address in network for network in _WRAPPING)
        inner = IPv4Address(int(address) & 0xFFFFFFFF) if wraps else address.ipv4_mapped or address.sixtofour
        address = inner or address
    is_special = address.is_multicast or any(address in network for network in _PRIVATE_TOO)
    return address.is_global and not is_special
